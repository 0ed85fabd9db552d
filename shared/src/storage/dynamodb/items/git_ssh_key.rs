//! Git SSH keys.

use super::{Attributes, Reader, Writer};
use crate::auth::git_ssh_key::GitSshKey;
use crate::auth::token::ShortId;
use crate::storage::dynamodb::keys::ItemKey;
use crate::storage::error::StorageError;

/// `USER#<short>` / `GIT_SSH_KEY`.
pub(in crate::storage::dynamodb) fn git_ssh_key_item(key: &GitSshKey) -> Attributes {
    Writer::at(&ItemKey::git_ssh_key(&ShortId::of(key.user_id)))
        .uuid("user_id", key.user_id)
        .text("public_key", &key.public_key)
        .bytes("private_key", &key.sealed_private_key)
        .time("created", key.created_at)
        .time("updated", key.updated_at)
        .0
}

/// A git SSH key.
pub(in crate::storage::dynamodb) fn read_git_ssh_key(item: &Attributes) -> Result<GitSshKey, StorageError> {
    let item = Reader(item);
    Ok(GitSshKey {
        user_id: item.uuid("user_id")?,
        public_key: item.text("public_key")?.to_owned(),
        sealed_private_key: item.bytes("private_key")?.to_vec(),
        created_at: item.time("created")?,
        updated_at: item.time("updated")?,
    })
}
