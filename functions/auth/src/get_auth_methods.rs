//! `GET /api/v2/users/authmethods`: the ways to sign in.

use axum::extract::State;
use roster::api::login::AuthMethods;
use roster::http::Payload;
use roster::runtime::App;

/// What is configured; nobody needs to be signed in.
pub(crate) async fn get_auth_methods(State(app): State<App>) -> Payload<AuthMethods> {
    Payload((&app.config).into())
}
