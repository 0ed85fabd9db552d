//! Everything that is logged on the thread of one test, down to the last detail.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Level};
use tracing_subscriber::fmt::MakeWriter;

/// Keeps what is logged on this thread until it is dropped. `#[tokio::test]` runs all of a test on its own thread.
pub struct LogCapture {
    lines: Lines,
    _here: DefaultGuard,
    // While a process has one dispatcher alone, tracing asks the thread that comes to a line first whether anybody
    // listens, and believes it for all threads: another test's would say no. With two it asks both.
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
    /// What was logged so far.
    #[must_use]
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
