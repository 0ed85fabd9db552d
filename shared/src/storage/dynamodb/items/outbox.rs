//! Messages to send.

use chrono::TimeDelta;

use super::{Attributes, Writer};
use crate::domain::outbox::OutboxMessage;
use crate::storage::dynamodb::keys::ItemKey;
use crate::storage::dynamodb::table::TTL;

/// How long a message that was given up is kept (Spec: administration 6.3, retention).
const OUTBOX_RETENTION: TimeDelta = TimeDelta::days(7);

/// `OUTBOX#<shard>` / `<id>`: `created`, `not_after`, `content`, `ttl`; the mailer adds `attempts`, `due` and, when it
/// gives up, `dead`.
pub(in crate::storage::dynamodb) fn outbox_item(message: &OutboxMessage) -> Attributes {
    Writer::at(&ItemKey::outbox(message.id))
        .time("created", message.created_at)
        .time("not_after", message.not_after)
        .bytes("content", &message.sealed)
        .number(TTL, message.created_at.plus(OUTBOX_RETENTION).unix_seconds())
        .0
}
