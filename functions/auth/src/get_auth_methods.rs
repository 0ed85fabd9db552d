//! `GET /api/v2/users/authmethods`: the ways to sign in.

use axum::extract::State;
use roster::api::login::AuthMethods;
use roster::app::App;
use roster::http::Payload;

/// The configured ways. Needs no token.
pub(crate) async fn get_auth_methods(State(app): State<App>) -> Payload<AuthMethods> {
    Payload(app.config.as_ref().into())
}
