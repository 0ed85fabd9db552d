//! Pages for browsers: where the link of a forgot-password mail leads.

mod change;
mod cli_auth;
mod conventions;
mod request;
