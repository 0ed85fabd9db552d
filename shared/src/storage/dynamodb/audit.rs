//! What every write carries beside its own items: entries of the audit log, messages, and the caller's permissions.

use super::Store;
use super::expression::{Condition, Conflict};
use super::items::{self, number_value};
use super::keys::ItemKey;
use super::outbox::put_outbox;
use super::transact::{CommitError, Transaction};
use crate::auth::token::ShortId;
use crate::domain::audit::AuditEntry;
use crate::storage::error::StorageError;
use crate::storage::write::{Actor, AuthzPrecondition, Write};

impl Transaction<'_> {
    /// Adds what the write carries. The transaction calls it last: where a write of the caller's own record carries the
    /// version of the record, contention is then reported as such.
    pub(super) fn complete(&mut self, write: &Write) {
        for entry in &write.entries {
            let item = self.store().audit_item(entry);
            self.put(item);
        }
        for message in &write.messages {
            put_outbox(self, message);
        }
        match &write.actor {
            Actor::Caller(precondition) => self.require_authz(precondition),
            Actor::Credential | Actor::Operator | Actor::Job => {}
        }
    }

    /// `authz_version` of the caller is the one that was read (status, roles, deletion and key generation are
    /// unchanged), and the key still exists and has not ended.
    fn require_authz(&mut self, precondition: &AuthzPrecondition) {
        let user = ShortId::of(precondition.user_id);
        let unchanged = Condition::Equals("authz_version", number_value(precondition.authz_version));
        self.require(&ItemKey::profile(&user), unchanged.otherwise(Conflict::Authz));
        let alive = Condition::AtLeast("expires", number_value(precondition.now.micros()));
        self.require(&ItemKey::api_key(&user, &precondition.key_id), alive.otherwise(Conflict::Authz));
    }
}

impl Store {
    /// Writes an entry of the audit log by itself. The same entry again replaces itself.
    pub async fn put_audit_entry(&self, entry: &AuditEntry) -> Result<(), StorageError> {
        self.put_item(self.audit_item(entry)).await
    }

    /// Completes the entry of a login attempt that was refused. An entry that already has another status stays: the session
    /// was created, and only the answer of the database was lost.
    pub async fn complete_audit_entry(&self, entry: &AuditEntry) -> Result<(), StorageError> {
        let unanswered = Condition::Equals("status_code", number_value(AuditEntry::STATUS_UNANSWERED));
        let is_open = Condition::Any(vec![Condition::Absent, unanswered]).otherwise(Conflict::Version);
        match self.put_item_if(self.audit_item(entry), is_open).await {
            Ok(()) | Err(CommitError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn audit_item(&self, entry: &AuditEntry) -> items::Attributes {
        items::audit_item(entry, self.audit_retention.map(|retention| entry.at.plus(retention)))
    }
}
