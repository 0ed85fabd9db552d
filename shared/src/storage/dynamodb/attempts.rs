//! The count of password attempts at an address. An attempt is counted before the password is verified, so concurrent
//! attempts are bounded, and settled after the answer (docs/decisions/0016).
//!
//! `EMAIL#<folded>` / `ATTEMPTS`: `failures`, `last` (the begin of the last failure), `in_flight` (a set with one element
//! for each attempt whose outcome is not stored), `ttl`.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use uuid::Uuid;

use super::Store;
use super::expression::{Change, Condition, Conflict};
use super::items::{Attributes, Reader, number_value};
use super::keys::ItemKey;
use super::table::TTL;
use super::transact::{CommitError, Transaction};
use crate::auth::lockout::{Attempts, LockoutPolicy, Outcome, is_lost};
use crate::domain::time::Timestamp;
use crate::storage::error::StorageError;

/// An attempt to sign in at an address.
#[derive(Clone, Debug)]
pub struct CountedAttempt {
    /// The address, folded.
    pub folded_email: String,
    /// When it began.
    pub begun: Timestamp,
    /// Tells apart attempts that began at the same time.
    pub id: Uuid,
}

impl CountedAttempt {
    /// Its element of `in_flight`. A repeated call adds or deletes the same element.
    fn element(&self) -> String {
        format!("{:016x}#{}", self.begun.micros(), self.id.as_fields().0)
    }
}

/// When the attempt of an element began.
fn begun(element: &str) -> Option<Timestamp> {
    Timestamp::from_micros(i64::from_str_radix(element.split('#').next()?, 16).ok()?)
}

impl Store {
    /// Counts an attempt that begins, and returns the counts before it. One atomic write.
    pub async fn begin_attempt(&self, attempt: &CountedAttempt) -> Result<Attempts, StorageError> {
        let expires = LockoutPolicy::counter_expires_at(attempt.begun).unix_seconds();
        let change = Change::default()
            .set(TTL, number_value(expires))
            .add("in_flight", AttributeValue::Ss(vec![attempt.element()]));
        let key = ItemKey::attempts(&attempt.folded_email);
        let before = self.update_item(&key, change, None, ReturnValue::AllOld).await?;
        read_attempts(&before, &attempt.element())
    }

    /// Counts the outcome of an attempt, and forgets attempts that were lost. `before` are the counts that the attempt
    /// found.
    pub async fn settle_attempt(
        &self,
        attempt: &CountedAttempt,
        before: &Attempts,
        outcome: Outcome,
    ) -> Result<(), StorageError> {
        let (key, now) = (ItemKey::attempts(&attempt.folded_email), attempt.begun);
        if outcome == Outcome::Failure
            && before.failures_are_too_old(now)
            && let Some(last) = before.last_failure
        {
            // Only the first of several concurrent failures begins a new series.
            let is_old = Condition::Equals("last", number_value(last.micros())).otherwise(Conflict::Version);
            let reset = Change::default().set("failures", number_value(0)).remove("last");
            match self.update_item(&key, reset, Some(is_old), ReturnValue::None).await {
                Ok(_) | Err(CommitError::Refused(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let expires = LockoutPolicy::counter_expires_at(now).unix_seconds();
        let change = Change::default()
            .set(TTL, number_value(expires))
            .delete_from_set("in_flight", AttributeValue::Ss(vec![attempt.element()]));
        let change = match outcome {
            Outcome::Success => change.set("failures", number_value(0)).remove("last"),
            Outcome::Failure => change.add("failures", number_value(1)).set("last", number_value(now.micros())),
            Outcome::Undecided => change,
        };
        let after = self.update_item(&key, change, None, ReturnValue::AllNew).await?;
        let lost = elements(&after).filter(|element| begun(element).is_none_or(|begun| is_lost(begun, now)));
        let lost: Vec<String> = lost.map(str::to_owned).collect();
        if !lost.is_empty() {
            let change = Change::default().delete_from_set("in_flight", AttributeValue::Ss(lost));
            self.update_item(&key, change, None, ReturnValue::None).await?;
        }
        Ok(())
    }
}

/// Deletes the count.
pub(super) fn delete_attempts(transaction: &mut Transaction<'_>, folded_email: &str) {
    transaction.delete(&ItemKey::attempts(folded_email));
}

fn elements(item: &Attributes) -> impl Iterator<Item = &str> {
    let set = item.get("in_flight").and_then(|set| set.as_ss().ok());
    set.into_iter().flatten().map(String::as_str)
}

fn read_attempts(item: &Attributes, own: &str) -> Result<Attempts, StorageError> {
    let reader = Reader(item);
    let number = |name| item.contains_key(name).then(|| reader.number::<i64>(name)).transpose();
    let failures = number("failures")?.unwrap_or_default();
    Ok(Attempts {
        failures: u32::try_from(failures.max(0)).unwrap_or(u32::MAX),
        last_failure: number("last")?.and_then(Timestamp::from_micros),
        in_flight: elements(item).filter(|element| *element != own).filter_map(begun).collect(),
    })
}
