//! Sliding windows of rate limits: how many requests count at a moment, and how long a client beyond the limit must
//! wait (docs/api/authentication.md#rate-limits).

use chrono::TimeDelta;

use super::time::Timestamp;

/// The length of a window, in seconds.
pub const WINDOW_SECONDS: i64 = 60;

const WINDOW_MICROS: i64 = WINDOW_SECONDS * 1_000_000;

/// A minute, identified by its number since the Unix epoch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Window(i64);

impl Window {
    /// The window that contains `now`.
    pub fn of(now: Timestamp) -> Self {
        Self(now.micros().div_euclid(WINDOW_MICROS))
    }

    /// The window before this one.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0 - 1)
    }

    /// The number since the Unix epoch.
    pub fn number(self) -> i64 {
        self.0
    }

    /// The end of the window, in seconds since the Unix epoch.
    pub fn end_seconds(self) -> i64 {
        (self.0 + 1) * WINDOW_SECONDS
    }
}

/// The number of requests in a window and in the one before.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Requests {
    /// In the previous window.
    pub previous: u64,
    /// In the current window.
    pub current: u64,
}

impl Requests {
    /// How many requests count at `now`: all of the current window, and a share of the previous one, rounded up. The
    /// share is the part of the previous window that is less than [`WINDOW_SECONDS`] ago.
    pub fn counting_at(self, now: Timestamp) -> u64 {
        let left = WINDOW_MICROS - now.micros().rem_euclid(WINDOW_MICROS);
        let share = (u128::from(self.previous) * u128::from(left.unsigned_abs()))
            .div_ceil(u128::from(WINDOW_MICROS.unsigned_abs()));
        self.current.saturating_add(u64::try_from(share).unwrap_or(u64::MAX))
    }

    /// The number of whole seconds after which one more request is within the limit, if no other request is made.
    pub fn wait_seconds(self, now: Timestamp, limit: u64) -> i64 {
        let window = Window::of(now);
        let is_within = |seconds: &i64| {
            let then = now.plus(TimeDelta::seconds(*seconds));
            let requests = match Window::of(then).0 - window.0 {
                0 => self,
                1 => Self { previous: self.current, current: 0 },
                _ => Self::default(),
            };
            requests.counting_at(then) < limit
        };
        // After two windows no earlier request counts.
        (1..2 * WINDOW_SECONDS).find(is_within).unwrap_or(2 * WINDOW_SECONDS)
    }
}

/// The result of counting one request against a limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// The most requests of a window.
    pub limit: u64,
    /// How many more requests are within the limit now.
    pub remaining: u64,
    /// The end of the window, in seconds since the Unix epoch.
    pub resets_at: i64,
    /// The seconds to wait before a retry; `None` if the request is within the limit.
    pub retry_after_seconds: Option<i64>,
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::proptest;

    use super::{Requests, Window};
    use crate::domain::time::Timestamp;

    /// The moment so many seconds after the beginning of a window.
    fn at(seconds: i64) -> Timestamp {
        Timestamp::EPOCH.plus(TimeDelta::days(20_000) + TimeDelta::seconds(seconds))
    }

    #[test]
    fn windows_are_minutes_of_the_clock() {
        assert_eq!(Window::of(at(0)), Window::of(at(59)));
        assert_eq!(Window::of(at(60)).previous(), Window::of(at(0)));
        assert_eq!(Window::of(at(1)).end_seconds(), at(60).unix_seconds());
    }

    #[test]
    fn the_previous_window_counts_by_its_share_of_the_last_minute() {
        let requests = Requests { previous: 60, current: 5 };
        let counting = [0, 15, 30, 59].map(|seconds| requests.counting_at(at(seconds)));
        assert_eq!(counting, [65, 50, 35, 6]);
    }

    #[test]
    fn the_wait_lasts_until_enough_earlier_requests_stop_counting() {
        let full = Requests { previous: 0, current: 60 };
        // A second into the next window, 59 of them still count.
        assert_eq!(full.wait_seconds(at(20), 60), 41);
        let fading = Requests { previous: 60, current: 30 };
        assert_eq!(fading.wait_seconds(at(29), 60), 2);
    }

    proptest! {
        #[test]
        fn a_request_after_the_wait_is_within_the_limit_and_one_a_second_earlier_is_not(
            previous in 0_u64..600, current in 0_u64..600, second in 0_i64..60, limit in 1_u64..600,
        ) {
            let requests = Requests { previous, current };
            let then = |wait: i64| {
                let moment = at(second + wait);
                let later = match (second + wait) / 60 {
                    0 => requests,
                    1 => Requests { previous: current, current: 0 },
                    _ => Requests::default(),
                };
                later.counting_at(moment) < limit
            };
            let wait = requests.wait_seconds(at(second), limit);
            assert!((1..=120).contains(&wait) && then(wait));
            assert!(wait == 1 || !then(wait - 1));
        }
    }
}
