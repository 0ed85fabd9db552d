//! Pages for browsers: where the link of a forgot-password mail leads.

mod cli_auth;
mod conventions;
mod reset_password;
