//! `GET /api/v2/users/{user}/keys/tokens/{keyname}`: a key by name.

use axum::extract::State;
use roster::api::api_keys::ApiKey;
use roster::app::App;
use roster::http::{ApiError, OwnKeys, Payload, Target};

/// The key of the user with exactly this name.
pub(crate) async fn get_token(
    State(app): State<App>,
    Target { caller, user, prefetched: OwnKeys(own_keys), params }: Target<OwnKeys>,
) -> Result<Payload<ApiKey>, ApiError> {
    let key = app.api_keys.token_by_name(&caller, &user, &params.key_name, own_keys).await?;
    Ok(Payload(key.into()))
}
