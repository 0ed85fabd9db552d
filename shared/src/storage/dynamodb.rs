//! The one table and everything that names the AWS SDK.
#![doc = include_str!("dynamodb/ACCESS_PATTERNS.md")]

mod api_keys;
pub mod client;
mod git_ssh_keys;
pub mod items;
pub mod keys;
pub mod read;
mod settings;
pub mod standing;
pub mod table;
mod transact;
pub mod trips;
mod users;

pub use api_keys::{ChangeKeyConflict, CreateKeyConflict};
pub use users::{CreateUserConflict, DirectoryPage, DueUser, UpdateUserConflict};

use std::sync::Arc;

use aws_sdk_dynamodb::Client;

use crate::clock::Random;

/// The table behind its repository methods; one method is one atomic step or one strongly consistent read.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    table: String,
    random: Arc<Random>,
}

impl Store {
    /// The table of that name behind that client. `random` spreads retries and makes request tokens.
    #[must_use]
    pub fn new(client: Client, table: String, random: Arc<Random>) -> Self {
        Self { client, table, random }
    }
}
