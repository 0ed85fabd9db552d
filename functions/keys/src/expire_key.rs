//! `PUT /api/v2/users/{user}/keys/{keyid}/expire`: ends a key and keeps its record.

use axum::extract::State;
use roster::app::App;
use roster::http::{ApiError, NoContent, Target};

/// The key of that id, whoever owns it; the caller's own too.
pub(crate) async fn expire_key(
    State(app): State<App>,
    Target { session, named, .. }: Target,
) -> Result<NoContent, ApiError> {
    app.expire_key(&session.caller, &named.key_id, &session.records).await?;
    Ok(NoContent)
}
