//! Git SSH keys: made once, and replaced whole.

use super::Store;
use super::authz_precondition::AuthzPrecondition;
use super::expression::{Condition, Conflict};
use super::items;
use super::transact::{CommitError, Transaction};
use crate::auth::git_ssh_key::GitSshKey;
use crate::domain::audit::AuditRow;
use crate::storage::error::StorageError;

impl Store {
    /// Stores the first key pair of a user; whether there was none before.
    pub async fn create_git_ssh_key(
        &self,
        key: &GitSshKey,
        standing: &AuthzPrecondition,
    ) -> Result<bool, StorageError> {
        let mut transaction = Transaction::new(self);
        transaction.put_if(items::git_ssh_key_item(key), Condition::Absent.otherwise(Conflict::Exists));
        standing.require(&mut transaction);
        match transaction.commit().await {
            Ok(()) => Ok(true),
            Err(CommitError::Refused(Conflict::Exists)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Replaces a user's key pair; `row` tells of it.
    pub async fn put_git_ssh_key(
        &self,
        key: &GitSshKey,
        standing: &AuthzPrecondition,
        row: &AuditRow,
    ) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        transaction.put(items::git_ssh_key_item(key));
        self.put_audit(&mut transaction, row);
        standing.require(&mut transaction);
        Ok(transaction.commit().await?)
    }
}
