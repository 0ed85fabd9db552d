//! `GET /api/v2/users/first`: whether the first user exists.

use axum::extract::State;
use roster::api::envelope::Envelope;
use roster::app::App;
use roster::http::{ApiError, Payload};

/// 200 if the first user exists, otherwise 404. Needs no token.
pub(crate) async fn get_first_user(State(app): State<App>) -> Result<Payload<Envelope>, ApiError> {
    if app.users.has_first().await? {
        return Ok(Payload(Envelope::message("There is a first user.")));
    }
    Err(ApiError::no_first_user())
}
