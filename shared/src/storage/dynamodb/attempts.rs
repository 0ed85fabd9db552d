//! The count of password attempts at an address. An attempt is counted before the password is verified, so concurrent
//! attempts are all counted.

use aws_sdk_dynamodb::types::ReturnValue;

use super::Store;
use super::expression::{Change, Condition, Conflict};
use super::items::{Reader, number_value};
use super::keys::ItemKey;
use super::table::TTL;
use super::transact::{CommitError, Transaction};
use crate::auth::lockout::{Attempts, LockoutPolicy, shared_address};
use crate::domain::names::fold_email;
use crate::domain::time::Timestamp;
use crate::storage::error::StorageError;
use crate::storage::write::Write;

impl Store {
    /// Counts one attempt at `now` and returns the count before it. One atomic write.
    pub async fn count_attempt(
        &self,
        shared_address: &str,
        now: Timestamp,
        forgotten_at: Timestamp,
    ) -> Result<Attempts, StorageError> {
        let change = Change::default()
            .set("last", number_value(now.micros()))
            .set(TTL, number_value(forgotten_at.unix_seconds()))
            .add("failures", number_value(1));
        let before =
            self.update_item(&ItemKey::attempts(shared_address), change, None, ReturnValue::UpdatedOld).await?;
        read_attempts(&before)
    }

    /// Settles an attempt that succeeded: deletes the count and writes the audit entry.
    pub async fn settle_attempt(&self, email: &str, write: &Write) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        succeed(&mut transaction, email);
        Ok(transaction.commit(write).await?)
    }

    /// Sets the count to one, for the attempt at `now`, unless there was a later attempt.
    pub async fn restart_attempts(&self, shared_address: &str, now: Timestamp) -> Result<(), StorageError> {
        let change = Change::default().set("failures", number_value(1));
        let still_last = Condition::Equals("last", number_value(now.micros())).otherwise(Conflict::Version);
        let key = ItemKey::attempts(shared_address);
        match self.update_item(&key, change, Some(still_last), ReturnValue::None).await {
            Ok(_) | Err(CommitError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Deletes the count of an address whose user signed in. Addresses with a tag share a counter with others, so a sign-in
/// there takes back its own attempt only.
pub(super) fn succeed(transaction: &mut Transaction<'_>, email: &str) {
    let shared = shared_address(email);
    if shared == fold_email(email) {
        delete_attempts(transaction, &shared);
    } else {
        take_back_attempt(transaction, &shared);
    }
}

/// Deletes the count.
pub(super) fn delete_attempts(transaction: &mut Transaction<'_>, shared_address: &str) {
    transaction.delete(&ItemKey::attempts(shared_address));
}

/// Takes back one attempt. It succeeded, but other addresses share the counter.
fn take_back_attempt(transaction: &mut Transaction<'_>, shared_address: &str) {
    let now = transaction.created_at();
    // A counter that another session deleted meanwhile is created with zero failures, and with all of its attributes.
    let change = Change::default()
        .set_if_missing("last", number_value(now.micros()))
        .set_if_missing(TTL, number_value(LockoutPolicy::forgets_at(now).unix_seconds()))
        .decrement("failures");
    transaction.update(&ItemKey::attempts(shared_address), change);
}

fn read_attempts(item: &super::items::Attributes) -> Result<Attempts, StorageError> {
    if item.is_empty() {
        return Ok(Attempts::default());
    }
    let item = Reader(item);
    // One that was forgotten under two that are taken back stands below zero.
    let failures: i64 = item.number("failures")?;
    let last = Timestamp::from_micros(item.number("last")?);
    Ok(Attempts { failures: u32::try_from(failures.max(0)).unwrap_or(u32::MAX), last })
}
