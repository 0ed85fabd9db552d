//! `PUT /api/v2/users/{user}/gitsshkey`: replaces the key pair of a user.

use axum::extract::State;
use roster::api::git_ssh_keys::GitSshKey;
use roster::app::App;
use roster::http::{ApiError, Payload, StoredSshKey, Target};

/// The answer contains only the public key.
pub(crate) async fn regenerate_git_ssh_key(
    State(app): State<App>,
    Target { caller, user, prefetched: StoredSshKey(stored), .. }: Target<StoredSshKey>,
) -> Result<Payload<GitSshKey>, ApiError> {
    let key = app.git_ssh_keys.regenerate(&caller, &user, stored).await?;
    Ok(Payload(key.into()))
}
