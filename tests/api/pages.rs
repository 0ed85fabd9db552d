//! Pages for browsers: password reset and CLI login.

mod cli_auth;
mod conventions;
mod reset_password;
