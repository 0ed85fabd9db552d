//! Git SSH keys on the wire (docs/api/settings.md#git-ssh-key).

use serde::Serialize;
use uuid::Uuid;

use crate::auth::git_ssh_key::GitSshKey as KeyPair;
use crate::domain::time::Timestamp;

/// The public half of a user's key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct GitSshKey {
    /// The owner.
    pub user_id: Uuid,
    /// When the user got the first key.
    pub created_at: Timestamp,
    /// When this one was made.
    pub updated_at: Timestamp,
    /// One authorized-keys line with its line end.
    pub public_key: String,
}

impl From<KeyPair> for GitSshKey {
    fn from(key: KeyPair) -> Self {
        Self {
            user_id: key.user_id,
            created_at: key.created_at,
            updated_at: key.updated_at,
            public_key: key.public_key,
        }
    }
}
