//! Use cases: permission, rule, write, in that order. What they need is here; each lives in a file of its own.

pub mod api_keys;
pub mod break_glass;
mod deferred;
pub mod deployment;
pub mod directory;
pub mod dormancy;
pub mod git_ssh_keys;
pub mod insights;
pub mod login;
pub mod organizations;
pub mod outbox;
pub mod passcodes;
pub mod passwords;
pub mod rate_limits;
pub mod session;
pub mod settings;
pub mod sso;
pub mod target;
pub mod users;

use std::sync::Arc;

use uuid::Uuid;

use crate::auth::password::Hasher;
use crate::auth::vault::Vault;
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::domain::audit::{AuditAction, AuditRow, AuditedChange, AuditedResource, Origin};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::service::deferred::DeferredTasks;
use crate::service::directory::UserIndex;
use crate::service::rate_limits::Counters;
use crate::service::session::Caller;
use crate::storage::{StorageError, Store, UpdateUserConflict};

/// Everything a use case needs.
pub struct Service {
    /// Settings.
    pub config: Config,
    pub(crate) store: Store,
    pub(crate) hasher: Hasher,
    pub(crate) vault: Vault,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<Random>,
    user_index: UserIndex,
    deferred: DeferredTasks,
    counters: Counters,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").field("config", &self.config).finish_non_exhaustive()
    }
}

/// How often a change is decided anew because the record changed under it.
const CONTENTION_ATTEMPTS: u32 = 6;

impl Service {
    /// Puts the parts together; `runtime` chooses them.
    #[must_use]
    pub fn new(config: Config, store: Store, vault: Vault, clock: Arc<dyn Clock>, random: Arc<Random>) -> Self {
        let hasher = Hasher::new(config.argon2.clone(), &random.bytes());
        Self {
            config,
            store,
            hasher,
            vault,
            clock,
            random,
            user_index: UserIndex::default(),
            deferred: DeferredTasks::default(),
            counters: Counters::default(),
        }
    }

    /// The present moment, by the service's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The id of a request that begins.
    #[must_use]
    pub fn new_request_id(&self) -> Uuid {
        self.random.uuid()
    }

    /// Random bytes for what the edge invents.
    #[must_use]
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        self.random.bytes()
    }

    /// How many password hashes this process has computed: for metrics, and for tests that prove that a login costs
    /// the same whatever the account's state.
    #[must_use]
    pub fn hash_computations(&self) -> u64 {
        self.hasher.computations()
    }

    /// A row of the audit log that names nobody and nothing yet.
    fn audit_row(
        &self,
        at: Timestamp,
        origin: &Origin,
        (action, resource): (AuditAction, AuditedResource),
        status: u16,
    ) -> AuditRow {
        AuditRow {
            id: self.random.uuid(),
            at,
            origin: origin.clone(),
            action,
            resource,
            resource_id: Uuid::nil(),
            target: String::new(),
            actor: None,
            attempted_email: String::new(),
            status,
            changes: Vec::new(),
            subsystem: "",
        }
    }

    /// A row about what a caller does to a user, or wants to.
    #[must_use]
    pub fn row_of_user(&self, caller: &Caller, target: &User, action: AuditAction, status: u16) -> AuditRow {
        AuditRow {
            resource_id: target.id,
            target: target.username.clone(),
            actor: Some(caller.user.id),
            ..self.audit_row(caller.now, &caller.origin, (action, AuditedResource::User), status)
        }
    }

    /// Writes a row by itself. What happened stands without it: one that cannot be written is logged.
    pub async fn put_audit_row(&self, row: AuditRow) {
        try_to_put(&self.store, &row).await;
    }

    /// The same once the answer has left.
    fn defer_audit_row(&self, row: AuditRow) {
        let store = self.store.clone();
        self.defer(async move { try_to_put(&store, &row).await });
    }

    /// Applies a change to a user: `decide` makes the successor, or refuses, and is asked again with the present
    /// record whenever somebody else changed it in the meantime. The log hears of it as `audited`, if at all.
    async fn change_user<E: From<UpdateUserConflict>>(
        &self,
        caller: &Caller,
        target: User,
        audited: Option<AuditAction>,
        decide: impl Fn(&User) -> Result<User, E>,
    ) -> Result<User, E> {
        let mut target = target;
        for _ in 0..CONTENTION_ATTEMPTS {
            let successor = decide(&target)?;
            let row = audited.map(|action| AuditRow {
                changes: AuditedChange::of_user(Some(&target), &successor),
                ..self.row_of_user(caller, &successor, action, 200)
            });
            match self.store.update_user(&target, &successor, Some(&caller.standing()), row.as_ref()).await {
                Err(UpdateUserConflict::Storage(StorageError::Contention)) => {
                    let read = self.store.lookup_user(target.id).await;
                    let read = read.map_err(|error| E::from(error.into()))?;
                    target = read.ok_or_else(|| E::from(StorageError::Contention.into()))?;
                    still_stands(caller, &target).map_err(|error| E::from(error.into()))?;
                }
                result => return result.map_err(E::from),
            }
        }
        Err(E::from(StorageError::Contention.into()))
    }
}

async fn try_to_put(store: &Store, row: &AuditRow) {
    if let Err(error) = store.put_audit_row(row).await {
        tracing::error!(error = &error as &dyn std::error::Error, id = %row.id, "a row of the audit log is missing");
    }
}

/// Whether a caller who changes his own record, and finds another one than he read, may still do what he might. The
/// write itself replaces the record that would tell, so it checks no more than that nobody else changed it.
fn still_stands(caller: &Caller, target: &User) -> Result<(), StorageError> {
    let stands = target.id != caller.user.id || target.authz_version == caller.user.authz_version;
    if stands { Ok(()) } else { Err(StorageError::AuthzChanged) }
}
