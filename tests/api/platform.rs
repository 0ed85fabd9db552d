//! What the deployment says of itself, laid out by who may hear it.

mod config;
mod entitlements;
mod public;
mod signed_in;
