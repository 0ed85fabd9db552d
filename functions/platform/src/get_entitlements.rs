//! `GET /api/v2/entitlements`: the features of the deployment.

use axum::extract::State;
use roster::api::deployment::entitlements::Entitlements;
use roster::app::App;
use roster::http::{ApiError, Payload};

/// Terraform reads them at every start. Needs no token.
pub(crate) async fn get_entitlements(State(app): State<App>) -> Result<Payload<Entitlements>, ApiError> {
    Ok(Payload(Entitlements::new(app.deployment.seats().await?, app.now())))
}
