//! `POST /api/v2/users/{user}/keys`: creates a session key for the CLI.

use axum::extract::State;
use roster::api::api_keys::GenerateApiKeyResponse;
use roster::app::App;
use roster::http::{ApiError, Created, Target};

/// Creates a key without a name, whose expiry a use extends. Sets no cookie, so a sign-out in the browser does not
/// delete it.
pub(crate) async fn create_key(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
) -> Result<Created<GenerateApiKeyResponse>, ApiError> {
    let token = app.api_keys.create_session_key(&caller, &user).await?;
    Ok(Created(token.into()))
}
