//! `GET /api/v2/users/oauth2/github/device`: the codes for sign-in on another device.

use roster::http::ApiError;

/// Always an error, because GitHub is not configured.
pub(crate) async fn github_device() -> ApiError {
    ApiError::no_github()
}
