//! `GET /api/v2/users/oauth2/github/device`: codes to sign in on another device.

use roster::http::ApiError;

/// GitHub is not configured, whoever asks.
pub(crate) async fn github_device() -> ApiError {
    ApiError::no_github()
}
