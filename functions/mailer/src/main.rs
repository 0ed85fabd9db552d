//! The `mailer` function.

use std::sync::Arc;

use chrono::TimeDelta;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use roster::clock::SystemClock;
use roster::config::Config;
use roster::domain::time::Timestamp;
use roster::metrics::Metrics;
use roster::runtime::{App, LogFormat, init_logs};
use roster_mailer::Mailer;
use serde_json::Value;

/// How long an invocation may last when nobody says so: `cargo lambda watch` names a moment of 1970.
const LIFE_UNTOLD: TimeDelta = TimeDelta::seconds(30);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_env()?;
    init_logs(LogFormat::Json, &config.log);
    let metrics = Metrics::to_log(&config.table);
    let mailer = Mailer::new(App::connect(config).await?, Arc::new(SystemClock), metrics)?;
    run(service_fn(async |event: LambdaEvent<Value>| {
        let now = mailer.now();
        let deadline = i64::try_from(event.context.deadline).ok().and_then(|ms| Timestamp::from_micros(ms * 1000));
        let deadline = deadline.filter(|deadline| *deadline > now).unwrap_or_else(|| now.plus(LIFE_UNTOLD));
        roster_mailer::run(&mailer, event.payload, deadline).await
    }))
    .await
}
