//! Captures all that is logged on the thread of one test, at every level.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Level};
use tracing_subscriber::fmt::MakeWriter;

/// Captures the log lines of this thread until it is dropped. `#[tokio::test]` runs each test on a thread of its own.
pub struct LogCapture {
    lines: Lines,
    _here: DefaultGuard,
    // With a single dispatcher, tracing caches the interest that the first thread to reach a line declares, and
    // applies it to all threads, so a test that captures nothing would disable the line. With two, it asks both.
    _second: Dispatch,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Default for LogCapture {
    fn default() -> Self {
        let lines = Lines::default();
        let all = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_writer(lines.clone()).finish();
        let here = tracing::subscriber::set_default(all);
        Self { lines, _here: here, _second: Dispatch::new(tracing_subscriber::registry()) }
    }
}

impl LogCapture {
    /// The log lines so far.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.lines.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
