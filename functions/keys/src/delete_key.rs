//! `DELETE /api/v2/users/{user}/keys/{keyid}`: deletes a key, expired or not.

use axum::extract::State;
use roster::app::App;
use roster::http::{ApiError, NamedKey, NoContent, Target};

/// Deletes the key with this id. The owner need not be the user of the path.
pub(crate) async fn delete_key(
    State(app): State<App>,
    Target { caller, prefetched: NamedKey(key), .. }: Target<NamedKey>,
) -> Result<NoContent, ApiError> {
    app.api_keys.delete(&caller, key).await?;
    Ok(NoContent)
}
