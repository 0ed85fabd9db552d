//! Git SSH keys: replaced whole.

use super::Store;
use super::items;
use super::standing::Standing;
use super::transact::{Guard, Transaction};
use crate::auth::git_ssh_key::GitSshKey;
use crate::storage::StorageError;

impl Store {
    /// Replaces a user's key pair.
    pub async fn put_git_ssh_key(&self, key: &GitSshKey, standing: &Standing) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        transaction.put(items::git_ssh_key_item(key), None, Guard::Gone);
        standing.require(&mut transaction);
        Ok(transaction.commit().await?)
    }
}
