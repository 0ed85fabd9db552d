//! `/deployment`.

mod config;
