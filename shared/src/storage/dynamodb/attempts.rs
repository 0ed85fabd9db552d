//! How often a password was tried at an address, counted before anybody knows whether it is right: attempts that run
//! side by side are all counted, whatever becomes of them.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValue};

use super::Store;
use super::items::Reader;
use super::keys::ItemKey;
use super::table::TTL;
use super::transact::{Condition, Guard, Transaction, storage_error};
use crate::auth::lockout::{Attempts, LockoutPolicy, shared_address};
use crate::domain::audit::AuditRow;
use crate::domain::names::fold_email;
use crate::domain::time::Timestamp;
use crate::storage::error::StorageError;

/// How often a count that met a transaction is tried again.
const CONFLICT_ATTEMPTS: u32 = 8;

impl Store {
    /// Counts one attempt at `now` and tells what was counted before it. One atomic write.
    pub async fn count_attempt(
        &self,
        shared_address: &str,
        now: Timestamp,
        forgotten_at: Timestamp,
    ) -> Result<Attempts, StorageError> {
        let key = ItemKey::attempts(shared_address).attributes();
        for attempt in 1.. {
            let result = self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key.clone()))
                .update_expression("SET #last = :now, #ttl = :ttl ADD #failures :one")
                .expression_attribute_names("#last", "last")
                .expression_attribute_names("#ttl", TTL)
                .expression_attribute_names("#failures", "failures")
                .expression_attribute_values(":now", AttributeValue::N(now.micros().to_string()))
                .expression_attribute_values(":ttl", AttributeValue::N(forgotten_at.unix_seconds().to_string()))
                .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
                .return_values(ReturnValue::UpdatedOld)
                .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
                .send()
                .await;
            match result {
                Ok(answer) => return read_attempts(&answer.attributes.unwrap_or_default()),
                Err(error) if error.code() == Some("TransactionConflictException") && attempt < CONFLICT_ATTEMPTS => {
                    self.back_off(attempt).await;
                }
                Err(error) => return Err(storage_error(error)),
            }
        }
        Err(StorageError::Contention)
    }

    /// Settles an attempt that succeeded: what was counted is forgotten, and the row tells what it was.
    pub async fn settle_attempt(&self, email: &str, row: &AuditRow) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        succeed(&mut transaction, email);
        self.put_audit(&mut transaction, row);
        Ok(transaction.commit().await?)
    }

    /// Lets a series of attempts begin with the one at `now`, unless another one came after it.
    pub async fn restart_attempts(&self, shared_address: &str, now: Timestamp) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        let one = AttributeValue::N("1".to_owned());
        let change = Condition::over("SET #failures = :one".to_owned()).named("failures").valued("one", one);
        let last = AttributeValue::N(now.micros().to_string());
        let still_last = Condition::over("#last = :last".to_owned()).with([("last", last)]);
        transaction.update(&ItemKey::attempts(shared_address), change, Some(&still_last), Guard::Gone);
        match transaction.commit().await.map_err(StorageError::from) {
            Ok(()) | Err(StorageError::Contention) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Forgets what was counted against an address whose owner signed in. Whoever signs in under an address with a tag does
/// not speak for the others that are counted with it: only that one attempt is taken back.
pub(super) fn succeed(transaction: &mut Transaction<'_>, email: &str) {
    let shared = shared_address(email);
    if shared == fold_email(email) {
        forget_attempts(transaction, &shared);
    } else {
        take_back_attempt(transaction, &shared);
    }
}

/// Forgets what was counted.
pub(super) fn forget_attempts(transaction: &mut Transaction<'_>, shared_address: &str) {
    transaction.delete(&ItemKey::attempts(shared_address), None, Guard::Gone);
}

/// Takes back one attempt: it succeeded, and whoever made it does not speak for the others that are counted with it.
fn take_back_attempt(transaction: &mut Transaction<'_>, shared_address: &str) {
    let now = transaction.made();
    let number = |number: i64| AttributeValue::N(number.to_string());
    // The counter may be gone by now, and what comes of it is to be read and forgotten as any other.
    let kept = "SET #last = if_not_exists(#last, :last), #ttl = if_not_exists(#ttl, :ttl), \
                #failures = if_not_exists(#failures, :one) - :one";
    let change = Condition::over(kept.to_owned())
        .named("failures")
        .valued("one", number(1))
        .with([("last", number(now.micros())), (TTL, number(LockoutPolicy::forgets_at(now).unix_seconds()))]);
    transaction.update(&ItemKey::attempts(shared_address), change, None, Guard::Gone);
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
