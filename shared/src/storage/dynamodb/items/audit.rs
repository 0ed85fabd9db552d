//! Rows of the audit log.

use serde_json::{Map, Value, json};

use super::{Attributes, Writer};
use crate::domain::audit::{AuditRow, AuditedChange};
use crate::domain::time::Timestamp;
use crate::storage::dynamodb::keys::ItemKey;
use crate::storage::dynamodb::table::TTL;

/// Longer addresses are cut: a mailbox has at most 254 characters (RFC 5321).
const MAX_EMAIL_CHARS: usize = 320;

/// `AUDIT#<day>#<shard>` / `<moment>#<id>`; `ttl` where rows are not kept forever.
pub(in crate::storage::dynamodb) fn audit_item(row: &AuditRow, expires: Option<Timestamp>) -> Attributes {
    let changes: Map<String, Value> = row
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
    if !row.attempted_email.is_empty() {
        let email: String = row.attempted_email.chars().take(MAX_EMAIL_CHARS).collect();
        more.insert("email".to_owned(), Value::from(email));
    }
    if !row.subsystem.is_empty() {
        more.insert("automatic_actor".to_owned(), Value::from("roster"));
        more.insert("automatic_subsystem".to_owned(), Value::from(row.subsystem));
    }
    let writer = Writer::at(&ItemKey::audit(row.at, row.id))
        .uuid("id", row.id)
        .time("time", row.at)
        .uuid("request_id", row.origin.request_id)
        .text("ip", &row.origin.ip_address)
        .text("user_agent", &row.origin.user_agent)
        .text("action", row.action.as_str())
        .text("resource_type", row.resource.as_str())
        .uuid("resource_id", row.resource_id)
        .text("resource_target", &row.target)
        .number("status_code", row.status)
        .text("diff", &Value::Object(changes).to_string())
        .text("additional_fields", &Value::Object(more).to_string());
    let writer = match row.actor {
        Some(actor) => writer.uuid("user_id", actor),
        None => writer,
    };
    match expires {
        Some(expires) => writer.number(TTL, expires.unix_seconds()).0,
        None => writer.0,
    }
}
