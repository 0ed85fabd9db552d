//! `GET /api/v2/users/{user}/gitsshkey`: the public key of a user.

use axum::extract::State;
use roster::api::git_ssh_keys::GitSshKey;
use roster::app::App;
use roster::http::{ApiError, Payload, StoredSshKey, Target};

/// The answer contains only the public key.
pub(crate) async fn get_git_ssh_key(
    State(app): State<App>,
    Target { caller, user, prefetched: StoredSshKey(stored), .. }: Target<StoredSshKey>,
) -> Result<Payload<GitSshKey>, ApiError> {
    let key = app.git_ssh_keys.get(&caller, &user, stored).await?;
    Ok(Payload(key.into()))
}
