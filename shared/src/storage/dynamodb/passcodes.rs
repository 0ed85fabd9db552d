//! One-time passcodes: asked for by anybody who knows an address, and good for one change of the password.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use super::Store;
use super::attempts::forget_attempts;
use super::items::{self, EmailClaim, StoredPasscode};
use super::keys::ItemKey;
use super::outbox::put_outbox;
use super::transact::{CommitError, Condition, Guard, Transaction};
use super::users::{note_directory_change, put_updated_user};
use crate::auth::lockout::shared_address;
use crate::auth::password::PasswordHash;
use crate::auth::token::ShortId;
use crate::domain::audit::AuditRow;
use crate::domain::facet::Facet;
use crate::domain::names::fold_email;
use crate::domain::outbox::OutboxMessage;
use crate::storage::error::StorageError;

/// Why a passcode did not change a password.
#[derive(Debug, thiserror::Error)]
pub enum RedeemConflict {
    /// Somebody else used the passcode, or the account changed, since both were read.
    #[error("the passcode is no longer good")]
    Passcode,
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<CommitError> for RedeemConflict {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(Guard::Passcode) => Self::Passcode,
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
        mail: &OutboxMessage,
        row: &AuditRow,
    ) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        transaction.put(items::passcode_item(&fold_email(email), passcode), None, Guard::Gone);
        put_outbox(&mut transaction, mail);
        self.put_audit(&mut transaction, row);
        Ok(transaction.commit().await?)
    }

    /// Changes the password of the account that the passcode belongs to, once: the passcode is gone with it, and every
    /// API key of the account is dead. What was counted against the account is forgotten. The account must be as
    /// `claim` read it.
    pub async fn redeem_passcode(
        &self,
        email: &str,
        (claim, passcode): (&EmailClaim, &StoredPasscode),
        hash: &PasswordHash,
        row: &AuditRow,
    ) -> Result<(), RedeemConflict> {
        let folded = fold_email(email);
        let mut transaction = Transaction::new(self);
        let bytes = AttributeValue::B(Blob::new(passcode.hash.0));
        let unused = Condition::over("#hash = :hash".to_owned()).with([("hash", bytes)]);
        transaction.delete(&ItemKey::passcode(&folded), Some(&unused), Guard::Passcode);
        match &claim.dormant {
            Some(dormant) => {
                let changed = dormant.as_ref().clone().with_password(false);
                put_updated_user(&mut transaction, dormant, &changed, Some(hash));
            }
            None => put_password_unread(&mut transaction, &folded, claim, hash),
        }
        forget_attempts(&mut transaction, &shared_address(email));
        self.put_audit(&mut transaction, row);
        Ok(transaction.commit().await?)
    }
}

/// Gives an account another password of its owner's own choice without reading its record: all copies of it follow the
/// same rule.
fn put_password_unread(transaction: &mut Transaction<'_>, folded_email: &str, claim: &EmailClaim, hash: &PasswordHash) {
    let generation = claim.key_generation + 1;
    let next = AttributeValue::N(generation.to_string());
    let same = Condition::is("id", claim.user_id).and(Condition::equals("generation", claim.key_generation));
    let change = Condition::over(
        "SET #password_hash = :password_hash, #generation = :next REMOVE #temporary_password".to_owned(),
    )
    .named("generation")
    .named("temporary_password")
    .valued("next", next.clone())
    .with([("password_hash", AttributeValue::S(hash.as_str().to_owned()))]);
    transaction.update(&ItemKey::email(folded_email), change, Some(&same), Guard::Version);
    let groups = Facet::all_of(claim.status, &claim.roles);
    let entries = groups.iter().map(|group| ItemKey::facet(group, &claim.username));
    let record = [ItemKey::profile(&ShortId::of(claim.user_id)), ItemKey::username(&claim.username)];
    for key in record.into_iter().chain(entries) {
        let change = Condition::over(
            "SET #generation = :next REMOVE #temporary_password ADD #authz_version :one, #version :one".to_owned(),
        )
        .named("generation")
        .named("temporary_password")
        .named("authz_version")
        .named("version")
        .valued("next", next.clone())
        .valued("one", AttributeValue::N("1".to_owned()));
        transaction.update(&key, change, Some(&same), Guard::Version);
    }
    transaction.put(items::password_item(claim.user_id, hash, generation), None, Guard::Gone);
    note_directory_change(transaction, std::slice::from_ref(&claim.username));
}
