//! `GET /api/v2/users/first`: whether the deployment was set up.

use axum::extract::State;
use roster::api::envelope::Envelope;
use roster::app::App;
use roster::http::{ApiError, Payload};

/// 200 when there is a first user, 404 when not; nobody needs to be signed in.
pub(crate) async fn get_first_user(State(app): State<App>) -> Result<Payload<Envelope>, ApiError> {
    if app.users.has_first().await? {
        return Ok(Payload(Envelope::message("There is a first user.")));
    }
    Err(ApiError::no_first_user())
}
