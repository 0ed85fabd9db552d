//! The setup of logging: format, filter, and the lines that are never written because they contain secrets.

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// The format of log lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogFormat {
    /// One JSON object a line, for Lambda functions.
    Json,
    /// Text for a terminal.
    Pretty,
}

/// The targets that write whole events with passwords, or whole database calls with hashes, at the level `trace`.
const TARGETS_WITH_SECRETS: [&str; 2] = ["lambda_runtime", "aws_"];

/// Whether a line can contain no secret. Other lines are not written, even if a directive enables them.
fn has_no_secrets(line: &Metadata<'_>) -> bool {
    *line.level() != Level::TRACE || !TARGETS_WITH_SECRETS.iter().any(|target| line.target().starts_with(target))
}

/// Starts logging: JSON to standard output, text to standard error. `filter` is a `tracing` directive such as `info`; a
/// malformed one counts as `info`. Only the first call in a process has an effect.
pub fn init_logs(format: LogFormat, filter: &str) {
    // Fails if a subscriber is already set, which then stays.
    let _already = match format {
        LogFormat::Json => subscriber(format, filter, std::io::stdout).try_init(),
        LogFormat::Pretty => subscriber(format, filter, std::io::stderr).try_init(),
    };
}

fn subscriber<W>(format: LogFormat, filter: &str, writer: W) -> impl Subscriber + Send + Sync + 'static
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer().with_target(false).with_writer(writer);
    let without_secrets = filter_fn(has_no_secrets);
    let lines = match format {
        LogFormat::Json => {
            lines.json().flatten_event(true).with_current_span(false).with_filter(without_secrets).boxed()
        }
        LogFormat::Pretty => lines.compact().with_filter(without_secrets).boxed(),
    };
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::registry().with(filter).with(lines)
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};

    use super::{LogFormat, subscriber};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_that_can_contain_secrets_are_never_written() {
        for format in [LogFormat::Json, LogFormat::Pretty] {
            let lines = Lines::default();
            let writer = lines.clone();
            let subscriber = subscriber(format, "trace", move || writer.clone());
            tracing::subscriber::with_default(subscriber, || {
                tracing::trace!(target: "lambda_runtime::layers::api_response", "whole event");
                tracing::trace!(target: "aws_smithy_runtime::client::orchestrator", "whole call");
                tracing::debug!(target: "aws_smithy_runtime::client::retries", "a retry");
                tracing::trace!(target: "roster", "a detail");
            });
            let text = String::from_utf8_lossy(&lines.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned();
            assert!(text.contains("a retry") && text.contains("a detail") && !text.contains("whole"), "{text}");
        }
    }

    #[test]
    fn a_filter_removes_other_lines_and_a_malformed_filter_is_info() {
        for filter in ["info", "info,=,"] {
            let lines = Lines::default();
            let writer = lines.clone();
            tracing::subscriber::with_default(subscriber(LogFormat::Json, filter, move || writer.clone()), || {
                tracing::info!("an event");
                tracing::debug!(target: "aws_smithy_runtime::client::retries", "a retry");
            });
            let text = String::from_utf8_lossy(&lines.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned();
            assert!(text.contains("an event") && !text.contains("a retry"), "{text}");
        }
    }
}
