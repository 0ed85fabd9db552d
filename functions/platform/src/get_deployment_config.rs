//! `GET /api/v2/deployment/config`: the deployment's settings.

use axum::extract::State;
use roster::api::deployment::options::DeploymentConfig;
use roster::app::App;
use roster::http::{ApiError, Authenticated, Payload};

/// The values of secrets are empty.
pub(crate) async fn get_deployment_config(
    State(app): State<App>,
    Authenticated { caller, .. }: Authenticated,
) -> Result<Payload<DeploymentConfig>, ApiError> {
    Ok(Payload(app.deployment.config(&caller)?.into()))
}
