//! `/auth`.

mod scopes;
