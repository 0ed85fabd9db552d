//! Messages to send: each is written along with the change that causes it, then tried by one process at a time. Every
//! change of a message moves `due`, and demands that `due` is still as it was read.

use aws_sdk_dynamodb::types::ReturnValue;
use uuid::Uuid;

use super::Store;
use super::expression::{Change, Condition, Conflict, Precondition};
use super::items::{self, number_value, text_value};
use super::keys::ItemKey;
use super::read::Lookup;
use super::transact::Transaction;
use crate::domain::outbox::{OutboxMessage, Pending};
use crate::domain::time::Timestamp;
use crate::storage::error::StorageError;

/// Adds a message to the transaction of the change that it announces.
pub(super) fn put_outbox(transaction: &mut Transaction<'_>, message: &OutboxMessage) {
    transaction.put(items::outbox_item(message));
}

/// No process changed the message since it was read, and none gave it up.
fn unchanged(pending: &Pending) -> Precondition {
    let same_lease = Condition::Equals("due", number_value(pending.due_at.micros()));
    Condition::All(vec![same_lease, Condition::Lacks("dead")]).otherwise(Conflict::Version)
}

/// Each method is one write of one item. Where an answer is lost, the SDK repeats the call, and the repetition reports
/// contention: the message is then tried again after its lease, as after a crash.
impl Store {
    /// Stores a message that announces no change.
    pub async fn put_message(&self, message: &OutboxMessage) -> Result<(), StorageError> {
        self.put_item(items::outbox_item(message)).await
    }

    /// A message; `None` once it was sent or dropped.
    pub async fn lookup_message(&self, id: Uuid) -> Result<Option<Pending>, StorageError> {
        self.read(&[Lookup::Message(id)]).await?.message(id)
    }

    /// Leases a message for one attempt, which is counted, until that moment. [`StorageError::Contention`] when another
    /// process leased it.
    pub async fn claim_message(&self, pending: &Pending, until: Timestamp) -> Result<Pending, StorageError> {
        let attempts = pending.attempts.saturating_add(1);
        let change = Change::default().set("due", number_value(until.micros())).set("attempts", number_value(attempts));
        self.change_message(pending, change).await?;
        Ok(Pending { attempts, due_at: until, ..pending.clone() })
    }

    /// Leaves a leased message to a later attempt. [`StorageError::Contention`] when the lease had ended.
    pub async fn postpone_message(&self, pending: &Pending, until: Timestamp) -> Result<(), StorageError> {
        self.change_message(pending, Change::default().set("due", number_value(until.micros()))).await
    }

    /// Gives a leased message up. It is kept with the reason until its time to live ends. [`StorageError::Contention`]
    /// when the lease had ended.
    pub async fn mark_failed(&self, pending: &Pending, reason: &str) -> Result<(), StorageError> {
        self.change_message(pending, Change::default().set("dead", text_value(reason))).await
    }

    /// Deletes a leased message. [`StorageError::Contention`] when the lease had ended.
    pub async fn delete_message(&self, pending: &Pending) -> Result<(), StorageError> {
        Ok(self.delete_item(&ItemKey::outbox(pending.message.id), unchanged(pending)).await?)
    }

    async fn change_message(&self, pending: &Pending, change: Change) -> Result<(), StorageError> {
        let key = ItemKey::outbox(pending.message.id);
        self.update_item(&key, change, Some(unchanged(pending)), ReturnValue::None).await?;
        Ok(())
    }
}
