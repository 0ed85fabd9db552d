//! Credentials: passwords, secrets of API keys, and encrypted secrets. Uses no storage and never reads the time.

pub mod conversion_ticket;
pub mod git_ssh_key;
pub mod lockout;
pub mod passcode;
pub mod password;
pub mod password_policy;
pub mod token;
pub mod vault;
