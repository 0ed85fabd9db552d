//! `GET /api/v2/users/{user}/keys/{keyid}`: a key by id.

use axum::extract::State;
use roster::api::api_keys::ApiKey;
use roster::app::App;
use roster::http::{ApiError, NamedKey, Payload, Target};
use roster::rbac::Action;

/// The key with this id. The owner need not be the user of the path (docs/api/api-keys.md#key-lookup).
pub(crate) async fn get_key(
    State(app): State<App>,
    Target { caller, prefetched: NamedKey(key), .. }: Target<NamedKey>,
) -> Result<Payload<ApiKey>, ApiError> {
    let key = app.api_keys.get(&caller, key, &[Action::Read])?;
    Ok(Payload(key.into()))
}
