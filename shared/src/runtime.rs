//! Wiring: which clock, which randomness, which database, and how a function's process begins.

use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use aws_sdk_dynamodb::Client;
use chrono::TimeDelta;
use lambda_http::lambda_runtime::layers::TracingLayer;
use lambda_http::lambda_runtime::{LambdaInvocation, Runtime};
use lambda_http::{Adapter, Service};
use tower::Layer;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::auth::vault::{Vault, VaultError};
use crate::clock::{Clock, Random, SystemClock};
use crate::config::{Config, ConfigError};
use crate::domain::time::Timestamp;
use crate::http::Routes;
use crate::service;
use crate::storage::Store;
use crate::storage::dynamodb::client;

/// The service as every request of a process shares it.
#[derive(Clone, Debug)]
pub struct App(Arc<service::Service>);

impl Deref for App {
    type Target = service::Service;

    fn deref(&self) -> &service::Service {
        &self.0
    }
}

/// Why a process cannot begin.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The encryption key is none.
    #[error("ROSTER_ENCRYPTION_KEY {0}")]
    EncryptionKey(VaultError),
}

impl App {
    /// The service over the machine's clock and randomness and the configured database. Connects with the first call.
    pub async fn connect(config: Config) -> Result<Self, StartError> {
        let client = client::connect(config.dynamodb_endpoint.as_deref()).await;
        Self::new(config, client, Arc::new(SystemClock), Arc::new(Random::from_system()))
    }

    /// The service over given parts: tests choose the time, the randomness and the way to the database.
    pub fn new(config: Config, client: Client, clock: Arc<dyn Clock>, random: Arc<Random>) -> Result<Self, StartError> {
        let vault = Vault::new(config.encryption_key.reveal()).map_err(StartError::EncryptionKey)?;
        let mut store = Store::new(client, config.table.clone(), random.clone(), clock.clone());
        if let Some(retention) = config.audit_logs_retention {
            store = store.keeping_audit_rows_for(TimeDelta::from_std(retention).unwrap_or(TimeDelta::MAX));
        }
        Ok(Self(Arc::new(service::Service::new(config, store, vault, clock, random))))
    }
}

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

/// The whole life of a function behind the API gateway.
pub async fn serve(routes: Routes) -> Result<(), lambda_http::Error> {
    let config = Config::from_env()?;
    init_logs(LogFormat::Json, &config.log);
    let app = App::connect(config).await?;
    let service = Adapter::from(crate::http::service(routes, app.clone()));
    Runtime::new(service).layer(FinishLayer(app)).layer(TracingLayer::new()).run().await
}

/// Wraps the whole of an invocation: what the runtime calls ends once the answer was posted, and until the runtime asks
/// for the next event the process is not frozen. In between, what was left for after the answer is done.
struct FinishLayer(App);

impl<S> Layer<S> for FinishLayer {
    type Service = Finishing<S>;

    fn layer(&self, invocation: S) -> Finishing<S> {
        Finishing { invocation, app: self.0.clone() }
    }
}

struct Finishing<S> {
    invocation: S,
    app: App,
}

/// Before the function's own time is up, which would count as its failure.
const MARGIN: TimeDelta = TimeDelta::seconds(1);
/// As long as an invocation may go on that has no deadline of its own: enough for an attempt to send a mail.
const LIFE_UNTOLD: TimeDelta = TimeDelta::seconds(30);

/// When an invocation that begins at `now` must have ended, by the milliseconds since the Unix epoch that its context
/// names. Nothing begins after its end: `cargo lambda watch` names a moment of 1970, which tells nothing.
#[must_use]
pub fn deadline(context_milliseconds: u64, now: Timestamp) -> Timestamp {
    let told =
        i64::try_from(context_milliseconds).ok().and_then(|told| Timestamp::from_micros(told.checked_mul(1000)?));
    told.filter(|told| *told > now).unwrap_or_else(|| now.plus(LIFE_UNTOLD))
}

impl<S> Service<LambdaInvocation> for Finishing<S>
where
    S: Service<LambdaInvocation, Response = (), Error = lambda_http::Error>,
    S::Future: 'static,
{
    type Response = ();
    type Error = lambda_http::Error;
    type Future = Pin<Box<dyn Future<Output = Result<(), lambda_http::Error>>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.invocation.poll_ready(context)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let deadline = deadline(invocation.context.deadline, self.app.now());
        let (answered, app) = (self.invocation.call(invocation), self.app.clone());
        Box::pin(async move {
            let posted = answered.await;
            let left = deadline.since(app.now()) - MARGIN;
            app.finish(left.to_std().unwrap_or_default()).await;
            posted
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};

    use chrono::TimeDelta;

    use super::{LogFormat, deadline, subscriber};
    use crate::domain::time::Timestamp;

    #[test]
    fn a_deadline_that_has_passed_or_cannot_be_told_is_none() {
        let now = Timestamp::EPOCH.plus(TimeDelta::days(20_000));
        let soon = now.plus(TimeDelta::seconds(3));
        let milliseconds = u64::try_from(soon.micros() / 1000).unwrap_or_default();
        assert_eq!(deadline(milliseconds, now), soon);
        for untold in [0, 600_000, u64::MAX] {
            assert_eq!(deadline(untold, now), now.plus(TimeDelta::seconds(30)), "{untold}");
        }
    }

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
