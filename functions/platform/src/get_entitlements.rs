//! `GET /api/v2/entitlements`: which features are here.

use axum::extract::State;
use roster::api::deployment::entitlements::Entitlements;
use roster::app::App;
use roster::http::{ApiError, Payload};

/// Terraform asks at each of its starts; nobody needs to be signed in.
pub(crate) async fn get_entitlements(State(app): State<App>) -> Result<Payload<Entitlements>, ApiError> {
    Ok(Payload(Entitlements::new(app.deployment.seats().await?, app.now())))
}
