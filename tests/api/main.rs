//! The API as its users meet it: actors call it through the gateway, over an embedded database.
#![expect(clippy::expect_used, reason = "a test may fail")]

mod admin;
mod audit;
mod authentication;
mod conventions;
mod dormancy;
mod fuzz;
mod keys;
mod login;
mod otp;
mod pages;
mod password;
mod resilience;
mod settings;
mod spec_rows;
mod story;
mod users;
