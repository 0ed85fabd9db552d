//! `POST /api/v2/users/{user}/keys/tokens`: creates a named token.

use axum::extract::State;
use roster::api::api_keys::{CreateTokenRequest, GenerateApiKeyResponse};
use roster::app::App;
use roster::http::{ApiError, Created, Json, Target};

/// Creates a token. A use does not extend its expiry.
pub(crate) async fn create_token(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
    Json(body): Json<CreateTokenRequest>,
) -> Result<Created<GenerateApiKeyResponse>, ApiError> {
    let token = app.api_keys.create_token(&caller, &user, &body.into()).await?;
    Ok(Created(token.into()))
}
