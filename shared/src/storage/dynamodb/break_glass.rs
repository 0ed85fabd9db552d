//! What an operator does past the API, each with its row of the log. Nobody's standing is asked: whoever may invoke the
//! `admin` function may do this.

use super::Store;
use super::attempts::forget_attempts;
use super::expression::{Condition, Conflict};
use super::items::uuid_value;
use super::keys::ItemKey;
use super::transact::Transaction;
use super::users::{UpdateUserConflict, put_updated_user};
use crate::auth::lockout::shared_address;
use crate::auth::password::PasswordHash;
use crate::domain::names::fold_email;
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

    /// Forgets what was counted against the address of a user, who still is as `user` was read.
    pub async fn unlock(&self, user: &User, write: &Write) -> Result<(), UpdateUserConflict> {
        let mut transaction = Transaction::new(self);
        forget_attempts(&mut transaction, &shared_address(&user.email));
        let unchanged = Condition::Equals("id", uuid_value(user.id)).otherwise(Conflict::Version);
        transaction.require(&ItemKey::email(&fold_email(&user.email)), unchanged);
        Ok(transaction.commit(write).await?)
    }
}
