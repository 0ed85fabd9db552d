//! A message to send, as it waits in the table.

use uuid::Uuid;

use super::time::Timestamp;

/// One message of the outbox. What it says and to whom is sealed, and as long as that of any other message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboxMessage {
    /// Its own id, which also makes its Message-Id: an attempt that is repeated carries the same.
    pub id: Uuid,
    /// When it was written.
    pub created_at: Timestamp,
    /// A later moment than this is too late to send it.
    pub not_after: Timestamp,
    /// The content, sealed by the vault for this id alone.
    pub sealed: Vec<u8>,
}

/// A message with what was done about it so far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pending {
    /// The message.
    pub message: OutboxMessage,
    /// How many attempts have begun.
    pub attempts: u32,
    /// No attempt begins earlier: another attempt runs until then, or the last one failed.
    pub due_at: Timestamp,
    /// It was given up, and is only kept.
    pub is_dead: bool,
}
