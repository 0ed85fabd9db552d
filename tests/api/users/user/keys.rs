//! `/users/{user}/keys` and everything below it.

mod create;
mod key;
mod tokens;

/// An id that no user has.
const UNKNOWN_ID: &str = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";
/// Nanoseconds.
const HOUR: i64 = 3_600_000_000_000;
