//! The API as its users meet it: actors call it through the gateway, over an embedded database.
#![expect(clippy::expect_used, reason = "a test may fail")]

mod admin;
mod audit;
mod authentication;
mod canaries;
mod clients;
mod conventions;
mod dormancy;
mod fuzz;
mod insights;
mod limits;
mod mail;
mod organizations;
mod pages;
mod platform;
mod resilience;
mod spec_rows;
mod story;
mod users;

/// Well-formed, and nobody's.
const UNKNOWN: &str = "0000000000-xxxxxxxxxxxxxxxxxxxxxx";
