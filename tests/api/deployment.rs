//! `/deployment`.

mod config;
mod ssh;
