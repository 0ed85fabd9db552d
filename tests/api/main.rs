//! Tests of the API: actors call it through the gateway, over an embedded database.
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
mod story;
mod updatecheck;
mod users;

/// A well-formed token that does not exist.
const UNKNOWN: &str = "0000000000-xxxxxxxxxxxxxxxxxxxxxx";
