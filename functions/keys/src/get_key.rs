//! `GET /api/v2/users/{user}/keys/{keyid}`: a key by id.

use axum::extract::State;
use roster::api::api_keys::ApiKey;
use roster::app::App;
use roster::http::{ApiError, Payload, Target};
use roster::rbac::Action;

/// The key of that id, whoever owns it (docs/api/api-keys.md#key-lookup).
pub(crate) async fn get_key(
    State(app): State<App>,
    Target { session, named, .. }: Target,
) -> Result<Payload<ApiKey>, ApiError> {
    let key = app.key_by_id(&session.caller, &named.key_id, &[Action::Read], &session.records)?;
    Ok(Payload(key.into()))
}
