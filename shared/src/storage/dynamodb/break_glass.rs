//! What an operator does past the API, each with its row of the log. Nobody's standing is asked: whoever may invoke the
//! `admin` function may do this.

use super::Store;
use super::attempts::forget_attempts;
use super::expression::{Condition, Conflict};
use super::items::uuid_value;
use super::keys::ItemKey;
use super::transact::Transaction;
use super::users::{
    CreateUserConflict, UpdateUserConflict, put_deployment, put_new_user, put_updated_user, require_organizations,
};
use crate::auth::git_ssh_key::GitSshKey;
use crate::auth::lockout::shared_address;
use crate::auth::password::PasswordHash;
use crate::domain::names::fold_email;
use crate::domain::organization::Organization;
use crate::domain::user::User;
use crate::storage::write::Write;

impl Store {
    /// Gives a user another password, forgets the passcode that was asked for and what was counted against the address.
    /// The successor carries the next key generation, so every key is dead.
    pub async fn reset_password(
        &self,
        before: &User,
        after: &User,
        hash: &PasswordHash,
        write: &Write,
    ) -> Result<(), UpdateUserConflict> {
        let mut transaction = Transaction::new(self);
        put_updated_user(&mut transaction, before, after, Some(hash));
        transaction.delete(&ItemKey::passcode(&fold_email(&before.email)));
        forget_attempts(&mut transaction, &shared_address(&before.email));
        Ok(transaction.commit(write).await?)
    }

    /// Creates an owner; with `beginning`, the one whom the deployment begins with, and that organization.
    pub async fn create_owner(
        &self,
        owner: &User,
        hash: &PasswordHash,
        git_ssh_key: &GitSshKey,
        beginning: Option<&Organization>,
        write: &Write,
    ) -> Result<(), CreateUserConflict> {
        let mut transaction = Transaction::new(self);
        match beginning {
            Some(organization) => put_deployment(&mut transaction, owner.id, organization),
            None => require_organizations(&mut transaction, owner),
        }
        put_new_user(&mut transaction, owner, Some(hash), git_ssh_key);
        Ok(transaction.commit(write).await?)
    }

    /// Forgets what was counted against the address of a user, who still is as `user` was read.
    pub async fn unlock(&self, user: &User, write: &Write) -> Result<(), UpdateUserConflict> {
        let mut transaction = Transaction::new(self);
        forget_attempts(&mut transaction, &shared_address(&user.email));
        let unchanged = Condition::Equals("id", uuid_value(user.id)).otherwise(Conflict::Version);
        transaction.require(&ItemKey::email(&fold_email(&user.email)), unchanged);
        Ok(transaction.commit(write).await?)
    }
}
