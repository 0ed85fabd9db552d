//! `GET /api/v2/users/oauth2/github/callback`: starts and finishes sign-in through GitHub.

use roster::http::ApiError;

/// Always an error, because GitHub is not configured.
pub(crate) async fn github_callback() -> ApiError {
    ApiError::no_github()
}
