//! Git SSH keys: made once, and replaced whole.

use super::Store;
use super::expression::{Condition, Conflict};
use super::items::{self, number_value};
use super::transact::{CommitError, Transaction};
use crate::auth::git_ssh_key::GitSshKey;
use crate::domain::time::Timestamp;
use crate::storage::error::StorageError;
use crate::storage::write::Write;

impl Store {
    /// Stores the first key pair of a user; whether there was none before.
    pub async fn create_git_ssh_key(&self, key: &GitSshKey, write: &Write) -> Result<bool, StorageError> {
        let mut transaction = Transaction::new(self);
        transaction.put_if(items::git_ssh_key_item(key), Condition::Absent.otherwise(Conflict::Exists));
        match transaction.commit(write).await {
            Ok(()) => Ok(true),
            Err(CommitError::Refused(Conflict::Exists)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Replaces the key pair of a user that was last changed at `read`, or the missing one. [`StorageError::Contention`]
    /// when another pair took its place.
    pub async fn put_git_ssh_key(
        &self,
        key: &GitSshKey,
        read: Option<Timestamp>,
        write: &Write,
    ) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        let unchanged = match read {
            Some(read) => Condition::Equals("updated", number_value(read.micros())),
            None => Condition::Absent,
        };
        transaction.put_if(items::git_ssh_key_item(key), unchanged.otherwise(Conflict::Version));
        Ok(transaction.commit(write).await?)
    }
}
