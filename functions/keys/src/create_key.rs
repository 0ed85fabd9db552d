//! `POST /api/v2/users/{user}/keys`: a session as the CLI's login page makes it.

use axum::extract::State;
use roster::api::api_keys::GenerateApiKeyResponse;
use roster::app::App;
use roster::http::{ApiError, Created, Target};

/// Makes a sliding key without a name; sets no cookie, so that signing out in the browser leaves it alone.
pub(crate) async fn create_key(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
) -> Result<Created<GenerateApiKeyResponse>, ApiError> {
    let token = app.api_keys.create_session_key(&caller, &user).await?;
    Ok(Created(token.into()))
}
