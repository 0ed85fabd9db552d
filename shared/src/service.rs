//! Use cases: permission, rule, write, in that order. What they need is here; each lives in a file of its own.

pub mod api_keys;
pub mod audit;
pub mod changes;
pub mod deferred;
pub mod deployment;
pub mod directory;
pub mod dormancy;
pub mod git_ssh_keys;
pub mod insights;
pub mod login;
pub mod operator;
pub mod organizations;
pub mod outbox;
pub mod passcodes;
pub mod password_gate;
pub mod passwords;
pub mod rate_limits;
pub mod session;
pub mod settings;
pub mod sso;
pub mod target;
pub mod users;

use std::sync::Arc;

use crate::auth::vault::Vault;
use crate::clock::{Clock, Random};
use crate::config::Config;
use crate::service::directory::UserIndex;
use crate::service::password_gate::PasswordGate;
use crate::service::rate_limits::Counters;
use crate::storage::Store;

/// Everything a use case needs.
pub struct Service {
    config: Arc<Config>,
    store: Store,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    random: Arc<Random>,
    gate: PasswordGate,
    user_index: UserIndex,
    counters: Counters,
}

/// What the use cases that are left in [`Service`] work with.
pub struct Parts {
    pub(crate) config: Arc<Config>,
    pub(crate) store: Store,
    pub(crate) vault: Arc<Vault>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<Random>,
    pub(crate) gate: PasswordGate,
}

/// How often a change is decided again because the record changed between its read and its write.
const CONTENTION_ATTEMPTS: u32 = 6;

impl Service {
    /// Puts the parts together; `runtime` chooses them.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { config, store, vault, clock, random, gate } = parts;
        Self {
            config,
            store,
            vault,
            clock,
            random,
            gate,
            user_index: UserIndex::default(),
            counters: Counters::default(),
        }
    }
}
