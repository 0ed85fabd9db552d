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
use std::time::Duration;

use crate::clock::Clock;
use crate::service::directory::UserIndex;
use crate::storage::Store;

/// The list of users.
pub struct Service {
    store: Store,
    clock: Arc<dyn Clock>,
    directory_loading_time: Duration,
    user_index: UserIndex,
}

/// How often a change is decided again because the record changed between its read and its write.
const CONTENTION_ATTEMPTS: u32 = 6;

impl Service {
    /// `directory_loading_time` bounds how long one request loads the index.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>, directory_loading_time: Duration) -> Self {
        Self { store, clock, directory_loading_time, user_index: UserIndex::default() }
    }
}
