//! The `admin` function.

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
    let serve = async |event: LambdaEvent<Value>| {
        let invocation = event.context.request_id.parse().unwrap_or_default();
        roster_admin::run(&app, event.payload, invocation).await
    };
    run(service_fn(serve)).await
}
