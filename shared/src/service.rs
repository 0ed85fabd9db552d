//! Use cases: permission, rule, write, in that order. One struct for each aggregate, which owns what it needs;
//! `app.rs` constructs it.

pub mod api_keys;
pub mod audit;
pub mod changes;
pub mod deferred;
pub mod deployment;
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
pub(crate) mod user_creator;
pub mod user_search;
pub mod users;

/// How often a change is decided again because the record changed between its read and its write.
const CONTENTION_ATTEMPTS: u32 = 6;
