//! Signing in through a provider, and changing to it.

mod convert_login;
mod not_configured;
