//! `GET /api/v2/updatecheck`: whether a newer version exists.

use axum::extract::State;
use roster::api::deployment::UpdateCheck;
use roster::app::App;
use roster::http::Payload;

/// No newer version is ever known. Needs no token.
pub(crate) async fn get_update_check(State(app): State<App>) -> Payload<UpdateCheck> {
    Payload(app.config.as_ref().into())
}
