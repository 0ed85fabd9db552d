//! The API as its users meet it: actors call it through the gateway, over an embedded database.
#![expect(clippy::expect_used, reason = "a test may fail")]

mod admin;
mod appearance;
mod audit;
mod auth;
mod authentication;
mod buildinfo;
mod cases;
mod clients;
mod conventions;
mod deployment;
mod dormancy;
mod entitlements;
mod experiments;
mod fuzz;
mod insights;
mod licenses;
mod mail;
mod organizations;
mod pages;
mod rate_limits;
mod regions;
mod resilience;
mod root;
mod spec_rows;
mod story;
mod updatecheck;
mod users;

/// Well-formed, and nobody's.
const UNKNOWN: &str = "0000000000-xxxxxxxxxxxxxxxxxxxxxx";
