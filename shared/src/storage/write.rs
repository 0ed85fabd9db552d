//! One state change as the use cases describe it: who makes it, the entries of the audit log that tell of it, and the
//! messages that it sends. Every transaction is committed with one.

use uuid::Uuid;

use crate::domain::api_key::ApiKey;
use crate::domain::audit::AuditEntry;
use crate::domain::outbox::OutboxMessage;
use crate::domain::time::Timestamp;
use crate::domain::user::User;

/// The caller's permissions and API key as the request read them, as a precondition of a write.
#[derive(Clone, Debug)]
pub struct AuthzPrecondition {
    pub(in crate::storage) user_id: Uuid,
    pub(in crate::storage) key_id: String,
    pub(in crate::storage) authz_version: u64,
    pub(in crate::storage) now: Timestamp,
}

impl AuthzPrecondition {
    /// For the user and the key that authenticated a request at `now`.
    pub fn of(user: &User, key: &ApiKey, now: Timestamp) -> Self {
        Self { user_id: user.id, key_id: key.id.clone(), authz_version: user.authz_version, now }
    }
}

/// Who makes a change.
#[derive(Clone, Debug)]
pub(in crate::storage) enum Actor {
    /// A caller with an API key. The write is refused when the caller's permissions or key changed since they were read.
    Caller(AuthzPrecondition),
    /// A request without an API key: it presents a password, a passcode, or only an address. The conditions of the
    /// method decide.
    Credential,
    /// The operator, through the `admin` function. Its invocation is authorized by AWS.
    Operator,
    /// The service itself.
    Job,
}

/// Why a write has no entry in the audit log (docs/api/audit-log.md#when-an-entry-is-written).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unaudited {
    /// Appearance and preferences are not tracked.
    Settings,
    /// The first git SSH key of a user is created when it is read.
    FirstGitSshKey,
    /// The use of a key and of its user is not tracked.
    LastUsed,
    /// A further step of a change whose first step has the entry.
    FurtherStep,
}

/// One state change: the actor, its audit entries, and its messages. The constructors demand an entry or the reason why
/// there is none, so that no path can forget it.
#[derive(Clone, Debug)]
pub struct Write {
    pub(in crate::storage) actor: Actor,
    pub(in crate::storage) entries: Vec<AuditEntry>,
    pub(in crate::storage) messages: Vec<OutboxMessage>,
}

impl Write {
    fn audited(actor: Actor, entry: AuditEntry) -> Self {
        Self { actor, entries: vec![entry], messages: Vec::new() }
    }

    /// A change by a caller with an API key.
    pub fn by_caller(precondition: AuthzPrecondition, entry: AuditEntry) -> Self {
        Self::audited(Actor::Caller(precondition), entry)
    }

    /// A change by a request that presents a credential in place of an API key.
    pub fn by_credential(entry: AuditEntry) -> Self {
        Self::audited(Actor::Credential, entry)
    }

    /// A change by the operator.
    pub fn by_operator(entry: AuditEntry) -> Self {
        Self::audited(Actor::Operator, entry)
    }

    /// A change that the service makes by itself.
    pub fn by_job(entry: AuditEntry) -> Self {
        Self::audited(Actor::Job, entry)
    }

    /// A change by a caller that the audit log does not track.
    pub fn unaudited(precondition: AuthzPrecondition, _reason: Unaudited) -> Self {
        Self { actor: Actor::Caller(precondition), entries: Vec::new(), messages: Vec::new() }
    }

    /// Bookkeeping of the service that the audit log does not track.
    pub(in crate::storage) fn bookkeeping(_reason: Unaudited) -> Self {
        Self { actor: Actor::Job, entries: Vec::new(), messages: Vec::new() }
    }

    /// The change has a further entry.
    #[must_use]
    pub fn and(mut self, entry: AuditEntry) -> Self {
        self.entries.push(entry);
        self
    }

    /// The change also sends a message.
    #[must_use]
    pub fn sending(mut self, message: OutboxMessage) -> Self {
        self.messages.push(message);
        self
    }

    /// Whether the write already demands that the permissions of this user are unchanged.
    pub(in crate::storage) fn is_by_caller(&self, user_id: Uuid) -> bool {
        matches!(&self.actor, Actor::Caller(precondition) if precondition.user_id == user_id)
    }
}
