//! Signing in through a provider.

mod not_configured;
