//! `/users/{user}/keys/tokens` and everything below it.

mod allow_list;
mod create;
mod lifetime;
mod list;
mod scopes;
