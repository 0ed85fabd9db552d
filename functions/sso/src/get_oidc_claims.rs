//! `GET /api/v2/users/oidc-claims`: what the OpenID provider said of the caller.

use axum::extract::State;
use roster::app::App;
use roster::http::{ApiError, Authenticated};

/// Nobody has claims while no provider can be configured.
pub(crate) async fn get_oidc_claims(State(app): State<App>, Authenticated { caller, .. }: Authenticated) -> ApiError {
    app.single_sign_on.oidc_claims(&caller).into()
}
