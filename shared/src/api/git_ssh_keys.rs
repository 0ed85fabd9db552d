//! Git SSH keys on the wire (docs/api/settings.md#git-ssh-key).

use serde::Serialize;
use uuid::Uuid;

use crate::auth::git_ssh_key::GitSshKey as KeyPair;
use crate::domain::time::Timestamp;

/// The public key of a user.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct GitSshKey {
    /// The owner.
    pub user_id: Uuid,
    /// When the first key of the user was generated.
    pub created_at: Timestamp,
    /// When this key was generated.
    pub updated_at: Timestamp,
    /// One line in the format of `authorized_keys`, with its line end.
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
