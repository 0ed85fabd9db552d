//! One-time passcodes: requested with an address alone, and valid for one change of the password.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use super::Store;
use super::attempts::delete_attempts;
use super::expression::{Change, Condition, Conflict};
use super::items::{self, EmailClaim, StoredPasscode, number_value, text_value, uuid_value};
use super::keys::ItemKey;
use super::transact::{CommitError, Transaction};
use super::users::{note_directory_change, put_updated_user};
use crate::auth::password::PasswordHash;
use crate::auth::token::ShortId;
use crate::domain::facet::Facet;
use crate::domain::names::fold_email;
use crate::storage::error::StorageError;
use crate::storage::write::Write;

/// Why a passcode did not change a password.
#[derive(Debug, thiserror::Error)]
pub enum RedeemConflict {
    /// The passcode was used, or the user changed, since both were read.
    #[error("the passcode is no longer good")]
    Passcode,
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<CommitError> for RedeemConflict {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(Conflict::Passcode) => Self::Passcode,
            other => Self::Storage(other.into()),
        }
    }
}

impl Store {
    /// Keeps a passcode in place of any earlier one, with the mail that carries it and the row that tells of it.
    pub async fn request_passcode(
        &self,
        email: &str,
        passcode: &StoredPasscode,
        write: &Write,
    ) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        transaction.put(items::passcode_item(&fold_email(email), passcode));
        Ok(transaction.commit(write).await?)
    }

    /// Changes the password of the user of the passcode, and deletes the passcode. Every API key of the user becomes
    /// invalid, and the count of wrong passwords is deleted. The user must be unchanged since `claim` was read.
    pub async fn redeem_passcode(
        &self,
        email: &str,
        (claim, passcode): (&EmailClaim, &StoredPasscode),
        hash: &PasswordHash,
        write: &Write,
    ) -> Result<(), RedeemConflict> {
        let folded = fold_email(email);
        let mut transaction = Transaction::new(self);
        let bytes = AttributeValue::B(Blob::new(passcode.hash.0));
        let unused = Condition::Equals("hash", bytes).otherwise(Conflict::Passcode);
        transaction.delete_if(&ItemKey::passcode(&folded), unused);
        match &claim.dormant {
            Some(dormant) => {
                let changed = dormant.as_ref().clone().with_password(false);
                put_updated_user(&mut transaction, dormant, &changed, Some(hash));
            }
            None => put_password_unread(&mut transaction, &folded, claim, hash),
        }
        Ok(transaction.commit(write).await?)
    }
}

/// Sets a password that the user chose, without reading the record: all copies of the record change in the same way.
fn put_password_unread(transaction: &mut Transaction<'_>, folded_email: &str, claim: &EmailClaim, hash: &PasswordHash) {
    delete_attempts(transaction, folded_email);
    let generation = claim.key_generation + 1;
    let same = Condition::All(vec![
        Condition::Equals("id", uuid_value(claim.user_id)),
        Condition::Equals("generation", number_value(claim.key_generation)),
    ])
    .otherwise(Conflict::Version);
    let change = Change::default().set("generation", number_value(generation)).remove("temporary_password");
    let in_claim = change.clone().set("password_hash", text_value(hash.as_str()));
    transaction.update_if(&ItemKey::email(folded_email), in_claim, same.clone());
    let in_record = change.add("authz_version", number_value(1)).add("version", number_value(1));
    let groups = Facet::all_of(claim.status, &claim.roles);
    let entries = groups.iter().map(|group| ItemKey::facet(group, &claim.username));
    let record = [ItemKey::profile(&ShortId::of(claim.user_id)), ItemKey::username(&claim.username)];
    for key in record.into_iter().chain(entries) {
        transaction.update_if(&key, in_record.clone(), same.clone());
    }
    transaction.put(items::password_item(claim.user_id, hash, generation));
    note_directory_change(transaction, std::slice::from_ref(&claim.username));
}
