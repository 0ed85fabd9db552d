//! Entries of the audit log, and the way to write one that belongs to no other write.

use std::sync::Arc;

use uuid::Uuid;

use super::deferred::DeferredTasks;
use super::session::Caller;
use crate::clock::Random;
use crate::domain::api_key::ApiKey;
use crate::domain::audit::{AuditAction, AuditEntry, AuditedChange, AuditedResource, Origin};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::storage::{StorageError, Store};

/// Makes entries of the audit log, and writes those that no other write carries.
#[derive(Clone)]
pub struct AuditLog {
    pub(crate) store: Store,
    pub(crate) random: Arc<Random>,
    pub(crate) deferred: DeferredTasks,
}

impl AuditLog {
    /// An entry without an actor and a resource id.
    pub(super) fn entry(
        &self,
        at: Timestamp,
        origin: &Origin,
        (action, resource): (AuditAction, AuditedResource),
    ) -> AuditEntry {
        AuditEntry {
            id: self.random.uuid(),
            at,
            origin: origin.clone(),
            action,
            resource,
            resource_id: Uuid::nil(),
            target: String::new(),
            actor: None,
            attempted_email: String::new(),
            status: origin.success_status,
            changes: Vec::new(),
            subsystem: "",
        }
    }

    /// An entry about an action of a caller on a user, whether it succeeds or is refused.
    pub fn entry_for_user(&self, caller: &Caller, target: &User, action: AuditAction) -> AuditEntry {
        AuditEntry {
            resource_id: target.id,
            target: target.username.clone(),
            actor: Some(caller.user.id),
            ..self.entry(caller.now, &caller.origin, (action, AuditedResource::User))
        }
    }

    /// An entry about an action of a caller on an API key. It names the owner of the key, as every entry of a key does.
    pub(super) fn entry_for_key(&self, caller: &Caller, key: &ApiKey, action: AuditAction) -> AuditEntry {
        AuditEntry {
            resource_id: key.user_id,
            target: key.token_name.clone(),
            actor: Some(caller.user.id),
            ..self.entry(caller.now, &caller.origin, (action, AuditedResource::ApiKey))
        }
    }

    /// An entry about a status that the service changed by itself, because a user was or was not seen
    /// (docs/api/dormancy.md). It has no request and no address.
    pub(super) fn entry_for_status(&self, before: &User, after: &User, at: Timestamp) -> AuditEntry {
        AuditEntry {
            resource_id: after.id,
            target: after.username.clone(),
            actor: Some(after.id),
            changes: AuditedChange::of_user(Some(before), after),
            subsystem: "dormancy",
            ..self.entry(at, &Origin::without_request(Uuid::nil()), (AuditAction::Write, AuditedResource::User))
        }
    }

    /// An entry about an action of the operator on a user. The invocation takes the place of the request id.
    pub(super) fn entry_for_operator(
        &self,
        invocation: Uuid,
        user: &User,
        action: AuditAction,
        at: Timestamp,
    ) -> AuditEntry {
        AuditEntry {
            resource_id: user.id,
            target: user.username.clone(),
            subsystem: "admin",
            ..self.entry(at, &Origin::without_request(invocation), (action, AuditedResource::User))
        }
    }

    /// Writes one entry. A failure is logged and changes no answer, because the action itself has been decided already.
    pub(super) async fn put(&self, entry: AuditEntry) {
        log_failure(&entry, self.store.put_audit_entry(&entry).await);
    }

    /// Writes the entry of a refused request with the status of its answer.
    pub async fn put_refusal(&self, refusal: RefusalEntry, status: u16) {
        let entry = AuditEntry { status, ..refusal.entry };
        if refusal.is_stored {
            let store = self.store.clone();
            self.deferred.defer(async move { log_failure(&entry, store.complete_audit_entry(&entry).await) });
        } else {
            self.put(entry).await;
        }
    }
}

/// The entry of a refused request. Its status is not known before the answer.
#[derive(Clone, Debug)]
pub struct RefusalEntry {
    entry: AuditEntry,
    /// Whether the entry is in the log with a provisional status. It is then completed after the answer.
    is_stored: bool,
}

impl RefusalEntry {
    /// An entry that is not in the log yet.
    pub fn new(entry: AuditEntry) -> Self {
        Self { entry, is_stored: false }
    }

    /// An entry that is in the log with a provisional status.
    pub(super) fn stored(entry: AuditEntry) -> Self {
        Self { entry, is_stored: true }
    }
}

/// An error and the entry of the audit log for the refusal. `http` completes and writes the entry, because it chooses the
/// status of the answer.
#[derive(Debug)]
pub struct Audited<E> {
    /// Why the request is refused.
    pub error: E,
    /// `None` if the log does not track the refusal.
    pub entry: Option<RefusalEntry>,
}

impl<E> Audited<E> {
    pub(super) fn map<T: From<E>>(self) -> Audited<T> {
        Audited { error: self.error.into(), entry: self.entry }
    }
}

impl<E> From<E> for Audited<E> {
    fn from(error: E) -> Self {
        Self { error, entry: None }
    }
}

fn log_failure(entry: &AuditEntry, written: Result<(), StorageError>) {
    if let Err(error) = written {
        tracing::error!(error = &error as &dyn std::error::Error, id = %entry.id, "an entry of the audit log is missing");
    }
}
