//! `GET /api/v2/users/oidc/callback`: starts and finishes sign-in through the OpenID provider.

use roster::http::ApiError;

/// Always an error, because no provider is configured.
pub(crate) async fn oidc_callback() -> ApiError {
    ApiError::no_oidc()
}
