//! The `mailer` function.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use roster::app::App;
use roster::clock::SystemClock;
use roster::config::Config;
use roster::lambda::deadline;
use roster::logging::{LogFormat, init_logs};
use roster::metrics::Metrics;
use roster_mailer::Mailer;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_env()?;
    init_logs(LogFormat::Json, &config.log);
    let metrics = Metrics::to_log(&config.table);
    let mailer = Mailer::new(App::connect(config).await?, Arc::new(SystemClock), metrics)?;
    run(service_fn(async |event: LambdaEvent<Value>| {
        let deadline = deadline(event.context.deadline, mailer.now());
        roster_mailer::run(&mailer, event.payload, deadline).await
    }))
    .await
}
