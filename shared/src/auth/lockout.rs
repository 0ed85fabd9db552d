//! The lockout rule: after too many failed attempts, every password of the user is refused for a while.

use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::names::fold_email;
use crate::domain::time::Timestamp;

/// The failed attempts before the current one.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Attempts {
    /// The number of attempts since the last success.
    pub failures: u32,
    /// The time of the last attempt; `None` without one.
    pub last: Option<Timestamp>,
}

/// How many attempts are allowed, and how long a lockout lasts. Every lockout ends by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LockoutPolicy {
    /// The number of failures in a row without a lockout; 0 turns the lockout off.
    pub threshold: u32,
    /// The longest lockout. It is at most a day, because older attempts do not count.
    pub longest: Duration,
}

/// The lockout after the threshold is reached. It doubles with each further failure.
const FIRST_WAIT: Duration = Duration::from_secs(15);
/// Attempts older than this do not count. The next attempt starts a new series.
const MAX_ATTEMPT_AGE: TimeDelta = TimeDelta::hours(24);

impl LockoutPolicy {
    /// How long after the last of `failures` attempts the next one is refused.
    pub fn wait(&self, failures: u32) -> Duration {
        if self.threshold == 0 || failures < self.threshold {
            return Duration::ZERO;
        }
        let doublings = (failures - self.threshold).min(31);
        FIRST_WAIT.saturating_mul(1 << doublings).min(self.longest)
    }

    /// Whether an attempt at `now` is refused, even with the correct password.
    pub fn is_locked(&self, before: &Attempts, now: Timestamp) -> bool {
        let wait = TimeDelta::from_std(self.wait(before.failures)).unwrap_or(TimeDelta::MAX);
        before.last.is_some_and(|last| !is_too_old(last, now) && now < last.plus(wait))
    }

    /// Whether the earlier attempts are too old to count, so that an attempt at `now` starts a new series.
    pub fn begins_anew(before: &Attempts, now: Timestamp) -> bool {
        before.last.is_some_and(|last| is_too_old(last, now))
    }

    /// When the counter of an attempt at `now` may be deleted.
    pub fn forgets_at(now: Timestamp) -> Timestamp {
        now.plus(MAX_ATTEMPT_AGE)
    }
}

fn is_too_old(last: Timestamp, now: Timestamp) -> bool {
    now.since(last) > MAX_ATTEMPT_AGE
}

/// The address under which attempts are counted. Addresses that differ only in case or in the tag after a `+` reach the
/// same mailbox at most providers, so they share one counter.
pub fn shared_address(email: &str) -> String {
    let folded = fold_email(email);
    let Some((local, domain)) = folded.rsplit_once('@') else { return folded };
    match local.split_once('+') {
        // A `+` in a quoted local part does not begin a tag.
        Some((name, _tag)) if !name.is_empty() && !local.starts_with('"') => format!("{name}@{domain}"),
        _ => folded,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::TimeDelta;

    use super::{Attempts, LockoutPolicy, shared_address};
    use crate::domain::time::Timestamp;

    const POLICY: LockoutPolicy = LockoutPolicy { threshold: 3, longest: Duration::from_mins(15) };

    #[test]
    fn the_wait_doubles_after_the_threshold_up_to_the_limit() {
        let waits: Vec<u64> = (0..12).map(|failures| POLICY.wait(failures).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(POLICY.wait(u32::MAX), Duration::from_mins(15));
    }

    #[test]
    fn a_threshold_of_zero_locks_no_user() {
        let off = LockoutPolicy { threshold: 0, ..POLICY };
        let before = Attempts { failures: 1_000_000, last: Some(Timestamp::EPOCH) };
        assert!(!off.is_locked(&before, Timestamp::EPOCH));
    }

    #[test]
    fn a_lockout_ends_at_the_exact_microsecond() {
        let before = Attempts { failures: 3, last: Some(Timestamp::EPOCH) };
        let end = Timestamp::EPOCH.plus(TimeDelta::seconds(15));
        assert!(POLICY.is_locked(&before, end.minus(TimeDelta::microseconds(1))));
        assert!(!POLICY.is_locked(&before, end));
        assert!(!POLICY.is_locked(&Attempts::default(), end));
    }

    #[test]
    fn attempts_older_than_a_day_do_not_count() {
        let before = Attempts { failures: 50, last: Some(Timestamp::EPOCH) };
        assert!(!LockoutPolicy::begins_anew(&before, Timestamp::EPOCH.plus(TimeDelta::hours(24))));
        assert!(LockoutPolicy::begins_anew(&before, Timestamp::EPOCH.plus(TimeDelta::hours(25))));
        assert!(!LockoutPolicy::begins_anew(&Attempts::default(), Timestamp::EPOCH));
    }

    #[test]
    fn variants_of_an_address_share_a_counter() {
        for variant in ["ada@example.com", "ADA@Example.COM", "ada+1@example.com", "Ada+x+y@example.com"] {
            assert_eq!(shared_address(variant), "ada@example.com", "{variant}");
        }
        assert_eq!(shared_address("+ada@example.com"), "+ada@example.com");
        assert_eq!(shared_address("\"a+b\"@example.com"), "\"a+b\"@example.com");
        assert_ne!(shared_address("ada@example.com"), shared_address("ada@example.org"));
    }
}
