//! A clock that tests move.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use roster::clock::{Asleep, Clock, Sleep};
use roster::domain::time::Timestamp;

/// Starts on 1 July 2026 and advances by a microsecond at each reading, so that no two readings are equal.
#[derive(Debug)]
pub struct TestClock {
    now: AtomicI64,
    tick: AtomicI64,
}

const START: i64 = 1_782_864_000_000_000;

impl Default for TestClock {
    fn default() -> Self {
        Self { now: AtomicI64::new(START), tick: AtomicI64::new(1) }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let micros = self.now.fetch_add(self.tick.load(Ordering::SeqCst), Ordering::SeqCst);
        Timestamp::from_micros(micros).unwrap_or(Timestamp::EPOCH)
    }
}

impl TestClock {
    /// Sets the span by which each reading advances the clock.
    pub fn tick(&self, span: TimeDelta) {
        self.tick.store(span.num_microseconds().unwrap_or_default(), Ordering::SeqCst);
    }

    /// Advances the clock.
    pub fn advance(&self, span: TimeDelta) {
        self.now.fetch_add(span.num_microseconds().unwrap_or_default(), Ordering::SeqCst);
    }
}

/// Sleeping advances the clock at once. Tasks that sleep concurrently share the same time; their spans do not add up.
impl Sleep for TestClock {
    fn sleep(&self, span: Duration) -> Asleep<'_> {
        let micros = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        let end = self.now.load(Ordering::SeqCst).saturating_add(micros);
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.now.fetch_max(end, Ordering::SeqCst);
        })
    }
}
