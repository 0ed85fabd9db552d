//! The `dormancy` function.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use roster::app::App;
use roster::config::Config;
use roster::logging::{LogFormat, init_logs};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let config = Config::from_env()?;
    init_logs(LogFormat::Json, &config.log);
    let app = App::connect(config).await?;
    run(service_fn(async |event: LambdaEvent<Value>| roster_dormancy::run(&app, event.payload).await)).await
}
