//! The wire types under Coder's names. A request body becomes a command, and its errors name every wrong field. A
//! domain value becomes an answer.

pub mod admin;
pub mod api_keys;
pub mod deployment;
pub mod envelope;
pub mod fields;
pub mod git_ssh_keys;
pub mod insights;
pub mod json;
pub mod login;
pub mod organizations;
pub mod roles;
pub mod settings;
pub mod sso;
pub mod users;
