//! `GET /api/v2/users/oidc/callback`: to the OpenID provider, and back.

use roster::http::ApiError;

/// No provider is configured, whoever asks.
pub(crate) async fn oidc_callback() -> ApiError {
    ApiError::no_oidc()
}
