//! Messages to send: written along with the change that causes them, then tried by one process at a time. Whoever
//! changes a message demands that nobody moved `due` since it was read; each change moves it.

use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use super::keys::ItemKey;
use super::read::Lookup;
use super::transact::{Condition, Guard, Transaction};
use super::{Store, items};
use crate::domain::outbox::{OutboxMessage, Pending};
use crate::domain::time::Timestamp;
use crate::storage::error::StorageError;

/// Adds a message to the transaction of the change that it announces.
pub(super) fn put_outbox(transaction: &mut Transaction<'_>, message: &OutboxMessage) {
    transaction.put(items::outbox_item(message), None, Guard::Gone);
}

/// Nobody was at the message since it was read, and nobody gave it up.
fn untouched(pending: &Pending) -> Condition {
    let alive = Condition::over("attribute_not_exists(#dead)".to_owned()).named("dead");
    Condition::over("#due = :read".to_owned()).named("due").valued("read", time(pending.due_at)).and(alive)
}

fn time(time: Timestamp) -> AttributeValue {
    AttributeValue::N(time.micros().to_string())
}

impl Store {
    /// Stores a message that announces no change.
    pub async fn put_message(&self, message: &OutboxMessage) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        put_outbox(&mut transaction, message);
        Ok(transaction.commit().await?)
    }

    /// A message, unless it was sent or dropped.
    pub async fn lookup_message(&self, id: Uuid) -> Result<Option<Pending>, StorageError> {
        self.read(&[Lookup::Message(id)]).await?.message(id)
    }

    /// Takes a message for one attempt, which is counted, until that moment. Contention: somebody else took it.
    pub async fn claim_message(&self, pending: &Pending, until: Timestamp) -> Result<Pending, StorageError> {
        let attempts = pending.attempts.saturating_add(1);
        let change = Condition::over("SET #due = :due, #attempts = :attempts".to_owned())
            .with([("due", time(until)), ("attempts", AttributeValue::N(attempts.to_string()))]);
        self.change_message(pending, change).await?;
        Ok(Pending { attempts, due_at: until, ..pending.clone() })
    }

    /// Leaves a claimed message to a later attempt. Contention: the claim had ended.
    pub async fn postpone_message(&self, pending: &Pending, until: Timestamp) -> Result<(), StorageError> {
        let change = Condition::over("SET #due = :due".to_owned()).with([("due", time(until))]);
        self.change_message(pending, change).await
    }

    /// Gives a claimed message up; it stays, with the reason, until its time to live ends. Contention: the claim had
    /// ended.
    pub async fn mark_failed(&self, pending: &Pending, reason: &str) -> Result<(), StorageError> {
        let change =
            Condition::over("SET #dead = :dead".to_owned()).with([("dead", AttributeValue::S(reason.to_owned()))]);
        self.change_message(pending, change).await
    }

    /// Removes a claimed message. Contention: the claim had ended.
    pub async fn delete_message(&self, pending: &Pending) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        transaction.delete(&ItemKey::outbox(pending.message.id), Some(&untouched(pending)), Guard::Version);
        Ok(transaction.commit().await?)
    }

    async fn change_message(&self, pending: &Pending, change: Condition) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        let key = ItemKey::outbox(pending.message.id);
        transaction.update(&key, change, Some(&untouched(pending)), Guard::Version);
        Ok(transaction.commit().await?)
    }
}
