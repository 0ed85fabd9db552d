//! The wire: bodies under Coder's names. Requests become commands, with every bad field named at once; domain values
//! become answers.

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
