//! The API as its users meet it: actors call it through the gateway, over an embedded database.
#![expect(clippy::expect_used, reason = "a test may fail")]

mod authentication;
mod clients;
mod conventions;
mod dormancy;
mod fuzz;
mod keys;
mod login;
mod organizations;
mod password;
mod platform;
mod resilience;
mod settings;
mod spec_rows;
mod sso;
mod story;
mod users;
