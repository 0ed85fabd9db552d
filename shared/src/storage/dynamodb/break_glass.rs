//! The changes of the operator outside the API. They have no authorization precondition, because AWS authorizes the
//! invocation of the `admin` function.

use super::Store;
use super::attempts::delete_attempts;
use super::expression::{Condition, Conflict};
use super::items::uuid_value;
use super::keys::ItemKey;
use super::transact::Transaction;
use super::users::{UpdateUserConflict, put_updated_user};
use crate::auth::password::PasswordHash;
use crate::domain::names::fold_email;
use crate::domain::user::User;
use crate::storage::write::Write;

impl Store {
    /// Sets a password and deletes the passcode. `after` has the next key generation, so every
    /// key becomes invalid.
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
        Ok(transaction.commit(write).await?)
    }

    /// Deletes the count of attempts at the address of a user, if the address still belongs to the user.
    pub async fn unlock(&self, user: &User, write: &Write) -> Result<(), UpdateUserConflict> {
        let mut transaction = Transaction::new(self);
        delete_attempts(&mut transaction, &fold_email(&user.email));
        let unchanged = Condition::Equals("id", uuid_value(user.id)).otherwise(Conflict::Version);
        transaction.require(&ItemKey::email(&fold_email(&user.email)), unchanged);
        Ok(transaction.commit(write).await?)
    }
}
