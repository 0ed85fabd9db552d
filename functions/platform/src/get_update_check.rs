//! `GET /api/v2/updatecheck`: whether there is a newer version.

use axum::extract::State;
use roster::api::deployment::UpdateCheck;
use roster::app::App;
use roster::http::Payload;

/// None is known; nobody needs to be signed in.
pub(crate) async fn get_update_check(State(app): State<App>) -> Payload<UpdateCheck> {
    Payload(app.config.as_ref().into())
}
