//! Entries of the audit log.

use serde_json::{Map, Value, json};

use super::{Attributes, Writer};
use crate::domain::audit::{AuditEntry, AuditedChange};
use crate::domain::time::Timestamp;
use crate::storage::dynamodb::keys::ItemKey;
use crate::storage::dynamodb::table::TTL;

/// Longer addresses are cut: a mailbox has at most 254 characters (RFC 5321).
const MAX_EMAIL_CHARS: usize = 320;

/// `AUDIT#<day>#<shard>` / `<moment>#<id>`; `ttl` where entries are not kept forever.
pub(in crate::storage::dynamodb) fn audit_item(entry: &AuditEntry, expires: Option<Timestamp>) -> Attributes {
    let changes: Map<String, Value> = entry
        .changes
        .iter()
        .map(|change| match change {
            AuditedChange::Secret(field) => ((*field).to_owned(), json!({ "secret": true })),
            AuditedChange::Value(field, old, new) => {
                let values = [("old", old), ("new", new)].into_iter().filter(|(_, value)| !value.is_null());
                let values = values.map(|(name, value)| (name.to_owned(), value.clone()));
                let told = values.chain([("secret".to_owned(), json!(false))]);
                ((*field).to_owned(), Value::Object(told.collect()))
            }
        })
        .collect();
    let mut more = Map::new();
    if !entry.attempted_email.is_empty() {
        let email: String = entry.attempted_email.chars().take(MAX_EMAIL_CHARS).collect();
        more.insert("email".to_owned(), Value::from(email));
    }
    if !entry.subsystem.is_empty() {
        more.insert("automatic_actor".to_owned(), Value::from("roster"));
        more.insert("automatic_subsystem".to_owned(), Value::from(entry.subsystem));
    }
    let writer = Writer::at(&ItemKey::audit(entry.at, entry.id))
        .uuid("id", entry.id)
        .time("time", entry.at)
        .uuid("request_id", entry.origin.request_id)
        .text("ip", &entry.origin.ip_address)
        .text("user_agent", &entry.origin.user_agent)
        .text("action", entry.action.as_str())
        .text("resource_type", entry.resource.as_str())
        .uuid("resource_id", entry.resource_id)
        .text("resource_target", &entry.target)
        .number("status_code", entry.status)
        .text("diff", &Value::Object(changes).to_string())
        .text("additional_fields", &Value::Object(more).to_string());
    let writer = match entry.actor {
        Some(actor) => writer.uuid("user_id", actor),
        None => writer,
    };
    match expires {
        Some(expires) => writer.number(TTL, expires.unix_seconds()).0,
        None => writer.0,
    }
}
