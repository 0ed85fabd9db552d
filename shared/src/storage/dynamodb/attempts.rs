//! The count of password attempts at an address. An attempt is counted before the password is verified, so concurrent
//! attempts are bounded, and settled after the answer (docs/decisions/0016).
//!
//! `EMAIL#<folded>` / `ATTEMPTS`: `failures`, `last` (the last failure), `in_flight`, `begun` (the last begin), `ttl`.

use aws_sdk_dynamodb::types::ReturnValue;

use super::Store;
use super::expression::{Change, Condition, Conflict};
use super::items::{Attributes, Reader, number_value};
use super::keys::ItemKey;
use super::table::TTL;
use super::transact::{CommitError, Transaction};
use crate::auth::lockout::{Attempts, LockoutPolicy, Outcome};
use crate::domain::time::Timestamp;
use crate::storage::error::StorageError;

impl Store {
    /// Counts an attempt that begins at `now` and returns the counts before it. One atomic write.
    pub async fn begin_attempt(&self, folded_email: &str, now: Timestamp) -> Result<Attempts, StorageError> {
        let change = Change::default()
            .set("begun", number_value(now.micros()))
            .set(TTL, number_value(LockoutPolicy::counter_expires_at(now).unix_seconds()))
            .add("in_flight", number_value(1));
        let before = self.update_item(&ItemKey::attempts(folded_email), change, None, ReturnValue::AllOld).await?;
        read_attempts(&before)
    }

    /// Counts the outcome of the attempt that began at `now`. `before` are the counts that the attempt found.
    pub async fn settle_attempt(
        &self,
        folded_email: &str,
        before: &Attempts,
        now: Timestamp,
        outcome: Outcome,
    ) -> Result<(), StorageError> {
        let key = ItemKey::attempts(folded_email);
        let expires = number_value(LockoutPolicy::counter_expires_at(now).unix_seconds());
        let settled = || {
            let change = Change::default().set(TTL, expires.clone());
            match outcome {
                Outcome::Success => change.set("failures", number_value(0)).remove("last"),
                Outcome::Failure if before.failures_are_too_old(now) => {
                    change.set("failures", number_value(1)).set("last", number_value(now.micros()))
                }
                Outcome::Failure => change.add("failures", number_value(1)).set("last", number_value(now.micros())),
                Outcome::Undecided => change,
            }
        };
        if before.in_flight_is_stale(now) {
            // No attempt began since, so this one is the only attempt in flight that was not lost.
            let is_last = Condition::Equals("begun", number_value(now.micros())).otherwise(Conflict::Version);
            let change = settled().set("in_flight", number_value(0));
            match self.update_item(&key, change, Some(is_last), ReturnValue::None).await {
                Err(CommitError::Refused(_)) => {}
                result => return Ok(result.map(|_| ())?),
            }
        }
        self.update_item(&key, settled().add("in_flight", number_value(-1)), None, ReturnValue::None).await?;
        Ok(())
    }
}

/// Deletes the count.
pub(super) fn delete_attempts(transaction: &mut Transaction<'_>, folded_email: &str) {
    transaction.delete(&ItemKey::attempts(folded_email));
}

fn read_attempts(item: &Attributes) -> Result<Attempts, StorageError> {
    let item = Reader(item);
    // A count that was deleted during an attempt is negative after the attempt is settled.
    let count = |name| {
        let number: i64 = if item.0.contains_key(name) { item.number(name)? } else { 0 };
        Ok::<_, StorageError>(u32::try_from(number.max(0)).unwrap_or(u32::MAX))
    };
    let time = |name| {
        let micros = item.0.contains_key(name).then(|| item.number(name)).transpose()?;
        Ok::<_, StorageError>(micros.and_then(Timestamp::from_micros))
    };
    Ok(Attempts {
        failures: count("failures")?,
        last_failure: time("last")?,
        in_flight: count("in_flight")?,
        last_begun: time("begun")?,
    })
}
