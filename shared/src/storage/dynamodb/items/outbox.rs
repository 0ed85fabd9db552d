//! Messages to send.

use chrono::TimeDelta;
use uuid::Uuid;

use super::{Attributes, Reader, Writer};
use crate::domain::outbox::{OutboxMessage, Pending};
use crate::storage::dynamodb::keys::ItemKey;
use crate::storage::dynamodb::table::TTL;
use crate::storage::error::StorageError;

/// How long a message that was given up is kept (docs/api/notifications.md#outbox).
const OUTBOX_RETENTION: TimeDelta = TimeDelta::days(7);

/// `OUTBOX#<shard>` / `<id>`: `created`, `not_after`, `due`, `attempts`, `content`, `ttl`; the mailer adds, when it gives
/// up, `dead`.
pub(in crate::storage::dynamodb) fn outbox_item(message: &OutboxMessage) -> Attributes {
    Writer::at(&ItemKey::outbox(message.id))
        .time("created", message.created_at)
        .time("not_after", message.not_after)
        .time("due", message.created_at)
        .number("attempts", 0)
        .bytes("content", &message.sealed)
        .number(TTL, message.created_at.plus(OUTBOX_RETENTION).unix_seconds())
        .0
}

/// A message and how far its sending has come.
pub(in crate::storage::dynamodb) fn read_outbox(id: Uuid, item: &Attributes) -> Result<Pending, StorageError> {
    let item = Reader(item);
    let message = OutboxMessage {
        id,
        created_at: item.time("created")?,
        not_after: item.time("not_after")?,
        sealed: item.bytes("content")?.to_vec(),
    };
    let is_dead = !item.text("dead")?.is_empty();
    Ok(Pending { message, attempts: item.number("attempts")?, due_at: item.time("due")?, is_dead })
}
