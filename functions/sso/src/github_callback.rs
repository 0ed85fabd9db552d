//! `GET /api/v2/users/oauth2/github/callback`: to GitHub, and back.

use roster::http::ApiError;

/// GitHub is not configured, whoever asks.
pub(crate) async fn github_callback() -> ApiError {
    ApiError::no_github()
}
