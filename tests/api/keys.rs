//! `/users/{user}/keys…`, git SSH keys, and the organizations of a user.

mod allow_list;
mod create;
mod end;
mod git_ssh_keys;
mod lifetime;
mod list;
mod organizations;
mod read;
mod scopes;
mod sessions;

/// A user that never existed.
const NOBODY: &str = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";
/// Nanoseconds.
const HOUR: i64 = 3_600_000_000_000;
