//! Messages in the outbox, which the table stores until they are sent.

use uuid::Uuid;

use super::time::Timestamp;

/// One message of the outbox. Recipient and content are sealed. The sealed text has the same length for every message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboxMessage {
    /// The id. The Message-Id is made from it, so a repeated attempt sends the same Message-Id.
    pub id: Uuid,
    /// When the message was written.
    pub created_at: Timestamp,
    /// The message is not sent after this time.
    pub not_after: Timestamp,
    /// The content, sealed for this id.
    pub sealed: Vec<u8>,
}

/// A message with the state of its delivery.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pending {
    /// The message.
    pub message: OutboxMessage,
    /// The number of attempts that have begun.
    pub attempts: u32,
    /// The earliest time of the next attempt. It lies in the future while an attempt runs and after one failed.
    pub due_at: Timestamp,
    /// Whether delivery has failed for good.
    pub is_dead: bool,
}
