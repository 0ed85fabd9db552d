//! `GET /api/v2/users/{user}/keys/tokens/{keyname}`: a key by name.

use axum::extract::State;
use roster::api::api_keys::ApiKey;
use roster::app::App;
use roster::http::{ApiError, OwnKeys, Payload, Target};

/// The user's key of exactly that name.
pub(crate) async fn get_token(
    State(app): State<App>,
    Target { session, user, named, .. }: Target<OwnKeys>,
) -> Result<Payload<ApiKey>, ApiError> {
    let key = app.token_by_name(&session, &user, &named.key_name).await?;
    Ok(Payload(key.into()))
}
