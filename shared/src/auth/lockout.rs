//! When an account refuses every password for a while: the rule, from how often and when it was tried.

use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::names::fold_email;
use crate::domain::time::Timestamp;

/// What was counted before an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Attempts {
    /// Attempts since the last success.
    pub failures: u32,
    /// The last of them; `None` when there was none.
    pub last: Option<Timestamp>,
}

/// How many attempts are free, and how the wait grows after them. Every wait ends by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LockoutPolicy {
    /// Attempts in a row that cost no wait; 0 turns the lockout off.
    pub threshold: u32,
    /// The longest wait; never more than a day, after which attempts are forgotten.
    pub longest: Duration,
}

/// The wait after the first attempt too many; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_secs(15);
/// Attempts older than this are forgotten: the next one begins a new series.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::hours(24);

impl LockoutPolicy {
    /// How long after the last of `failures` attempts the next one is looked at.
    #[must_use]
    pub fn wait(&self, failures: u32) -> Duration {
        if self.threshold == 0 || failures < self.threshold {
            return Duration::ZERO;
        }
        let doublings = (failures - self.threshold).min(31);
        FIRST_WAIT.saturating_mul(1 << doublings).min(self.longest)
    }

    /// Whether an attempt at `now` is refused, even with the right password.
    #[must_use]
    pub fn is_locked(&self, before: &Attempts, now: Timestamp) -> bool {
        let wait = TimeDelta::from_std(self.wait(before.failures)).unwrap_or(TimeDelta::MAX);
        before.last.is_some_and(|last| !is_forgotten(last, now) && now < last.plus(wait))
    }

    /// Whether the attempts before this one are so long ago that it begins a new series.
    #[must_use]
    pub fn begins_anew(before: &Attempts, now: Timestamp) -> bool {
        before.last.is_some_and(|last| is_forgotten(last, now))
    }

    /// When a counter of attempts made at `now` may be removed.
    #[must_use]
    pub fn forgets_at(now: Timestamp) -> Timestamp {
        now.plus(FORGOTTEN_AFTER)
    }
}

fn is_forgotten(last: Timestamp, now: Timestamp) -> bool {
    now.since(last) > FORGOTTEN_AFTER
}

/// Whose attempts are counted together: addresses that differ in case, or in what follows a `+`, reach the same mailbox
/// with most providers, and share one counter.
#[must_use]
pub fn shared_address(email: &str) -> String {
    let folded = fold_email(email);
    let Some((local, domain)) = folded.rsplit_once('@') else { return folded };
    match local.split_once('+') {
        // A quoted local part is taken as it is.
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
    fn the_wait_doubles_after_the_free_attempts_and_stops_growing() {
        let waits: Vec<u64> = (0..12).map(|failures| POLICY.wait(failures).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(POLICY.wait(u32::MAX), Duration::from_mins(15));
    }

    #[test]
    fn a_threshold_of_zero_locks_nobody() {
        let off = LockoutPolicy { threshold: 0, ..POLICY };
        let before = Attempts { failures: 1_000_000, last: Some(Timestamp::EPOCH) };
        assert!(!off.is_locked(&before, Timestamp::EPOCH));
    }

    #[test]
    fn a_lock_ends_to_the_microsecond() {
        let before = Attempts { failures: 3, last: Some(Timestamp::EPOCH) };
        let end = Timestamp::EPOCH.plus(TimeDelta::seconds(15));
        assert!(POLICY.is_locked(&before, end.minus(TimeDelta::microseconds(1))));
        assert!(!POLICY.is_locked(&before, end));
        assert!(!POLICY.is_locked(&Attempts::default(), end));
    }

    #[test]
    fn a_series_is_forgotten_after_a_day() {
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
