//! The lockout rule: after too many failed attempts, every password of the user is refused for a while
//! (docs/decisions/0016).

use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::time::Timestamp;

/// The attempts at an address before the current one.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Attempts {
    /// The number of wrong passwords since the last success.
    pub failures: u32,
    /// When the last attempt with a wrong password began; `None` without one.
    pub last_failure: Option<Timestamp>,
    /// When the other attempts began whose outcome is not stored.
    pub in_flight: Vec<Timestamp>,
}

/// What became of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The user signed in.
    Success,
    /// The password was wrong.
    Failure,
    /// The password was not accepted for another reason, such as a lockout or an error.
    Undecided,
}

/// How many attempts are allowed, and how long a lockout lasts. Every lockout ends by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LockoutPolicy {
    /// The number of failures in a row without a lockout; 0 turns the lockout off.
    pub threshold: u32,
    /// The longest lockout. It is at most a day, because older failures do not count.
    pub longest: Duration,
}

/// The lockout after the threshold is reached. It doubles with each further failure.
const FIRST_WAIT: Duration = Duration::from_secs(15);
/// Failures older than this do not count.
const MAX_FAILURE_AGE: TimeDelta = TimeDelta::hours(24);
/// The most attempts in flight at an address that is not locked, refused ones included. With the threshold, at most about a
/// hundred wrong passwords are verified before a lockout.
const MAX_IN_FLIGHT: usize = 90;
/// Attempts that began longer ago were lost with their function, whose timeout is shorter.
const MAX_ATTEMPT_DURATION: TimeDelta = TimeDelta::minutes(1);

impl LockoutPolicy {
    /// How long after the last of `failures` wrong passwords the next attempt is refused.
    pub fn wait(&self, failures: u32) -> Duration {
        if self.threshold == 0 || failures < self.threshold {
            return Duration::ZERO;
        }
        let doublings = (failures - self.threshold).min(31);
        FIRST_WAIT.saturating_mul(1 << doublings).min(self.longest)
    }

    /// Whether an attempt at `now` is refused, even with the correct password. After a lockout, attempts are verified one
    /// at a time until one succeeds.
    pub fn is_locked(&self, before: &Attempts, now: Timestamp) -> bool {
        if self.threshold == 0 {
            return false;
        }
        let failures = if before.failures_are_too_old(now) { 0 } else { before.failures };
        let wait = TimeDelta::from_std(self.wait(failures)).unwrap_or(TimeDelta::MAX);
        let is_waiting = before.last_failure.is_some_and(|last| now < last.plus(wait));
        let in_flight = before.in_flight.iter().filter(|begun| !is_lost(**begun, now)).count();
        is_waiting || in_flight >= if failures < self.threshold { MAX_IN_FLIGHT } else { 1 }
    }

    /// When the counter of an attempt at `now` may be deleted.
    pub fn counter_expires_at(now: Timestamp) -> Timestamp {
        now.plus(MAX_FAILURE_AGE)
    }
}

impl Attempts {
    /// Whether a failure at `now` begins a new series.
    pub fn failures_are_too_old(&self, now: Timestamp) -> bool {
        self.last_failure.is_some_and(|last| now.since(last) > MAX_FAILURE_AGE)
    }
}

/// Whether an attempt that began at that time and is not settled ended with its function.
pub fn is_lost(begun: Timestamp, now: Timestamp) -> bool {
    now.since(begun) > MAX_ATTEMPT_DURATION
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::TimeDelta;

    use super::{Attempts, LockoutPolicy};
    use crate::domain::time::Timestamp;

    const POLICY: LockoutPolicy = LockoutPolicy { threshold: 3, longest: Duration::from_mins(15) };

    fn failed(failures: u32) -> Attempts {
        Attempts { failures, last_failure: Some(Timestamp::EPOCH), ..Attempts::default() }
    }

    #[test]
    fn the_wait_doubles_after_the_threshold_up_to_the_limit() {
        let waits: Vec<u64> = (0..12).map(|failures| POLICY.wait(failures).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(POLICY.wait(u32::MAX), Duration::from_mins(15));
    }

    #[test]
    fn a_threshold_of_zero_locks_no_user() {
        let off = LockoutPolicy { threshold: 0, ..POLICY };
        let before = Attempts { in_flight: vec![Timestamp::EPOCH; 1000], ..failed(1_000_000) };
        assert!(!off.is_locked(&before, Timestamp::EPOCH));
    }

    #[test]
    fn a_lockout_ends_at_the_exact_microsecond() {
        let end = Timestamp::EPOCH.plus(TimeDelta::seconds(15));
        assert!(POLICY.is_locked(&failed(3), end.minus(TimeDelta::microseconds(1))));
        assert!(!POLICY.is_locked(&failed(3), end));
        assert!(!POLICY.is_locked(&Attempts::default(), end));
    }

    #[test]
    fn failures_older_than_a_day_do_not_count() {
        assert!(!failed(50).failures_are_too_old(Timestamp::EPOCH.plus(TimeDelta::hours(24))));
        let next_day = Timestamp::EPOCH.plus(TimeDelta::hours(25));
        assert!(failed(50).failures_are_too_old(next_day));
        let concurrent = Attempts { in_flight: vec![next_day; 2], ..failed(50) };
        assert!(!POLICY.is_locked(&concurrent, next_day));
        assert!(!Attempts::default().failures_are_too_old(Timestamp::EPOCH));
    }

    #[test]
    fn concurrent_attempts_are_bounded_and_after_a_lockout_run_one_at_a_time() {
        let later = Timestamp::EPOCH.plus(TimeDelta::seconds(15));
        let concurrent = |failures, in_flight| Attempts { in_flight: vec![later; in_flight], ..failed(failures) };
        assert!(!POLICY.is_locked(&concurrent(2, 89), later));
        assert!(POLICY.is_locked(&concurrent(2, 90), later));
        assert!(!POLICY.is_locked(&concurrent(3, 0), later));
        assert!(POLICY.is_locked(&concurrent(3, 1), later));
    }

    #[test]
    fn attempts_of_a_crashed_function_count_for_a_minute() {
        let before = Attempts { in_flight: vec![Timestamp::EPOCH; 90], ..Attempts::default() };
        assert!(POLICY.is_locked(&before, Timestamp::EPOCH.plus(TimeDelta::minutes(1))));
        assert!(!POLICY.is_locked(&before, Timestamp::EPOCH.plus(TimeDelta::seconds(61))));
    }
}
