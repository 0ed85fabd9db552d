//! A clock that tests move.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;
use roster::clock::Clock;
use roster::domain::time::Timestamp;

/// Begins on 1 July 2026 and moves by a microsecond each time somebody looks, so that no two moments are the same.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

const BEGINNING: i64 = 1_782_864_000_000_000;

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(BEGINNING))
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let micros = self.0.fetch_add(1, Ordering::SeqCst);
        Timestamp::from_micros(micros).unwrap_or(Timestamp::EPOCH)
    }
}

impl TestClock {
    /// Lets time pass.
    pub fn advance(&self, span: TimeDelta) {
        self.0.fetch_add(span.num_microseconds().unwrap_or_default(), Ordering::SeqCst);
    }
}
