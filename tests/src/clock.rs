//! A clock that tests move.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::TimeDelta;
use roster::clock::{Asleep, Clock, Sleep};
use roster::domain::time::Timestamp;

/// Begins on 1 July 2026 and moves by a microsecond each time somebody looks, so that no two moments are the same.
#[derive(Debug)]
pub struct TestClock {
    now: AtomicI64,
    tick: AtomicI64,
}

const BEGINNING: i64 = 1_782_864_000_000_000;

impl Default for TestClock {
    fn default() -> Self {
        Self { now: AtomicI64::new(BEGINNING), tick: AtomicI64::new(1) }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let micros = self.now.fetch_add(self.tick.load(Ordering::SeqCst), Ordering::SeqCst);
        Timestamp::from_micros(micros).unwrap_or(Timestamp::EPOCH)
    }
}

impl TestClock {
    /// How far each look moves the clock from now on.
    pub fn tick(&self, span: TimeDelta) {
        self.tick.store(span.num_microseconds().unwrap_or_default(), Ordering::SeqCst);
    }

    /// Lets time pass.
    pub fn advance(&self, span: TimeDelta) {
        self.now.fetch_add(span.num_microseconds().unwrap_or_default(), Ordering::SeqCst);
    }
}

/// Waiting moves the clock at once. Who else waits meanwhile waits for the same time, not for more.
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
