//! The runtime loop of a Lambda function behind the API gateway. It also runs the deferred tasks.

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

/// Runs a function behind the API gateway until its process ends.
pub async fn serve(routes: Vec<Route>) -> Result<(), lambda_http::Error> {
    let config = Config::from_env()?;
    init_logs(LogFormat::Json, &config.log);
    let app = App::connect(config).await?;
    let service = Adapter::from(crate::http::service(&routes, app.clone()));
    Runtime::new(service).layer(DrainLayer(app)).layer(TracingLayer::new()).run().await
}

/// Runs the deferred tasks after each invocation. The inner service returns when the answer was posted. The process is
/// not frozen before the runtime requests the next event, so the tasks run in between.
struct DrainLayer(App);

impl<S> Layer<S> for DrainLayer {
    type Service = DrainService<S>;

    fn layer(&self, invocation: S) -> DrainService<S> {
        DrainService { invocation, app: self.0.clone() }
    }
}

struct DrainService<S> {
    invocation: S,
    app: App,
}

/// The deferred tasks stop this long before the timeout of the function, which would count as a failure.
const MARGIN: TimeDelta = TimeDelta::seconds(1);
/// The time of an invocation without a valid deadline. It is enough for one attempt to send a mail.
const DEFAULT_INVOCATION_TIME: TimeDelta = TimeDelta::seconds(30);

/// The deadline of an invocation that begins at `now`. `context_milliseconds` is the deadline of its context, in
/// milliseconds since the Unix epoch. A deadline in the past is ignored: `cargo lambda watch` sends one in 1970.
pub fn deadline(context_milliseconds: u64, now: Timestamp) -> Timestamp {
    let deadline = i64::try_from(context_milliseconds).ok();
    let deadline = deadline.and_then(|milliseconds| Timestamp::from_micros(milliseconds.checked_mul(1000)?));
    deadline.filter(|deadline| *deadline > now).unwrap_or_else(|| now.plus(DEFAULT_INVOCATION_TIME))
}

impl<S> Service<LambdaInvocation> for DrainService<S>
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
        let (invocation, app) = (self.invocation.call(invocation), self.app.clone());
        Box::pin(async move {
            let result = invocation.await;
            let left = deadline.since(app.now()) - MARGIN;
            app.deferred.drain(left.to_std().unwrap_or_default()).await;
            result
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::deadline;
    use crate::domain::time::Timestamp;

    #[test]
    fn a_deadline_in_the_past_or_out_of_range_is_ignored() {
        let now = Timestamp::EPOCH.plus(TimeDelta::days(20_000));
        let soon = now.plus(TimeDelta::seconds(3));
        let milliseconds = u64::try_from(soon.micros() / 1000).unwrap_or_default();
        assert_eq!(deadline(milliseconds, now), soon);
        for ignored in [0, 600_000, u64::MAX] {
            assert_eq!(deadline(ignored, now), now.plus(TimeDelta::seconds(30)), "{ignored}");
        }
    }
}
