//! Log lines: their format, their filter, and which lines are never written.

use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// How log lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogFormat {
    /// One JSON object a line: what a Lambda function writes.
    Json,
    /// For people at a terminal.
    Pretty,
}

/// What writes whole events, passwords included, and whole calls of the database, hashes included, at the level `trace`.
const TELLS_SECRETS: [&str; 2] = ["lambda_runtime", "aws_"];

/// Whether a line may be written whatever the directives say.
fn may_be_written(line: &Metadata<'_>) -> bool {
    *line.level() != Level::TRACE || !TELLS_SECRETS.iter().any(|target| line.target().starts_with(target))
}

/// Begins logging to standard error, or to standard output in JSON. `filter` is a `tracing` directive such as `info`;
/// one that cannot be read counts as `info`. No directive has events or calls written. The first call of a process
/// counts.
pub fn init_logs(format: LogFormat, filter: &str) {
    // A second subscriber is refused: the first one stays.
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
    let harmless = filter_fn(may_be_written);
    let lines = match format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).with_filter(harmless).boxed(),
        LogFormat::Pretty => lines.compact().with_filter(harmless).boxed(),
    };
    let asked = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::registry().with(asked).with(lines)
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
    fn whole_events_and_calls_are_written_at_no_level() {
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
    fn a_filter_leaves_the_rest_out_and_one_that_cannot_be_read_is_info() {
        for filter in ["info", "info,=,"] {
            let lines = Lines::default();
            let writer = lines.clone();
            tracing::subscriber::with_default(subscriber(LogFormat::Json, filter, move || writer.clone()), || {
                tracing::info!("told");
                tracing::debug!(target: "aws_smithy_runtime::client::retries", "a retry");
            });
            let text = String::from_utf8_lossy(&lines.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned();
            assert!(text.contains("told") && !text.contains("a retry"), "{text}");
        }
    }
}
