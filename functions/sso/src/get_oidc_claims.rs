//! `GET /api/v2/users/oidc-claims`: the claims of the OpenID provider about the caller.

use axum::extract::State;
use roster::app::App;
use roster::http::{ApiError, Authenticated};

/// No user has claims, because no provider can be configured.
pub(crate) async fn get_oidc_claims(State(app): State<App>, Authenticated { caller, .. }: Authenticated) -> ApiError {
    app.single_sign_on.oidc_claims(&caller).into()
}
