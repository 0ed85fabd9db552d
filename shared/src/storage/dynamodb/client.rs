//! The SDK client: endpoint, retries, timeouts, and the interceptor that counts.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{Builder, Credentials, SharedHttpClient};

use super::cost::CostInterceptor;

/// A call that DynamoDB has not answered by then is given up and sent again.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
/// All attempts of one call together.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);

/// The client of the function's own region and role, or, with an endpoint, of a DynamoDB anywhere.
pub async fn connect(endpoint: Option<&str>) -> Client {
    match endpoint {
        None => {
            let shared = aws_config::load_defaults(BehaviorVersion::latest()).await;
            Client::from_conf(configured(aws_sdk_dynamodb::config::Builder::from(&shared)).build())
        }
        Some(endpoint) => Client::from_conf(local(endpoint).build()),
    }
}

/// The client of a local endpoint over another HTTP client: tests put their faults there.
pub fn over(endpoint: &str, http: SharedHttpClient) -> Client {
    Client::from_conf(local(endpoint).http_client(http).build())
}

/// An endpoint that is not AWS takes any credentials.
fn local(endpoint: &str) -> Builder {
    let credentials = Credentials::new("local", "local", None, None, "local");
    configured(Builder::new().behavior_version(BehaviorVersion::latest()))
        .endpoint_url(endpoint)
        .region(Region::new("local"))
        .credentials_provider(credentials)
}

fn configured(builder: Builder) -> Builder {
    builder
        .interceptor(CostInterceptor)
        .retry_config(RetryConfig::standard().with_max_attempts(4).with_initial_backoff(Duration::from_millis(50)))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(1))
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .operation_timeout(CALL_TIMEOUT)
                .build(),
        )
}
