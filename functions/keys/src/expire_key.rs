//! `PUT /api/v2/users/{user}/keys/{keyid}/expire`: expires a key and keeps its record.

use axum::extract::State;
use roster::app::App;
use roster::http::{ApiError, NamedKey, NoContent, Target};

/// Expires the key with this id. The owner need not be the user of the path.
pub(crate) async fn expire_key(
    State(app): State<App>,
    Target { caller, prefetched: NamedKey(key), .. }: Target<NamedKey>,
) -> Result<NoContent, ApiError> {
    app.api_keys.expire(&caller, key).await?;
    Ok(NoContent)
}
