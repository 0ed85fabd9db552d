//! The runtime loop of a Lambda function behind the API gateway, deferred tasks included.

use std::pin::Pin;
use std::task::{Context, Poll};

use chrono::TimeDelta;
use lambda_http::lambda_runtime::layers::TracingLayer;
use lambda_http::lambda_runtime::{LambdaInvocation, Runtime};
use lambda_http::{Adapter, Service};
use tower::Layer;

use crate::app::App;
use crate::config::Config;
use crate::domain::time::Timestamp;
use crate::http::Route;
use crate::logging::{LogFormat, init_logs};

/// The whole life of a function behind the API gateway.
pub async fn serve(routes: Vec<Route>) -> Result<(), lambda_http::Error> {
    let config = Config::from_env()?;
    init_logs(LogFormat::Json, &config.log);
    let app = App::connect(config).await?;
    let service = Adapter::from(crate::http::service(&routes, app.clone()));
    Runtime::new(service).layer(DrainLayer(app)).layer(TracingLayer::new()).run().await
}

/// Wraps the whole of an invocation: what the runtime calls ends once the answer was posted, and until the runtime asks
/// for the next event the process is not frozen. In between, what was left for after the answer is done.
struct DrainLayer(App);

impl<S> Layer<S> for DrainLayer {
    type Service = Draining<S>;

    fn layer(&self, invocation: S) -> Draining<S> {
        Draining { invocation, app: self.0.clone() }
    }
}

struct Draining<S> {
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

impl<S> Service<LambdaInvocation> for Draining<S>
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
            app.deferred.drain(left.to_std().unwrap_or_default()).await;
            posted
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::deadline;
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
}
