//! Messages to send: written along with the change that causes them.

use super::transact::{Guard, Transaction};
use super::{Store, items};
use crate::domain::outbox::OutboxMessage;
use crate::storage::StorageError;

/// Adds a message to the transaction of the change that it announces.
pub(super) fn put_outbox(transaction: &mut Transaction<'_>, message: &OutboxMessage) {
    transaction.put(items::outbox_item(message), None, Guard::Gone);
}

impl Store {
    /// Stores a message that announces no change.
    pub async fn put_outbox_message(&self, message: &OutboxMessage) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        put_outbox(&mut transaction, message);
        Ok(transaction.commit().await?)
    }
}
