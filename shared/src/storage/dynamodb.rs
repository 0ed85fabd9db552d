//! The one table and everything that names the AWS SDK.
#![doc = include_str!("dynamodb/ACCESS_PATTERNS.md")]

mod api_keys;
pub mod client;
mod directory;
mod git_ssh_keys;
pub mod items;
pub mod keys;
mod rate_counts;
pub mod read;
mod settings;
pub mod standing;
pub mod table;
mod transact;
pub mod trips;
mod users;

pub use api_keys::{ChangeKeyConflict, CreateKeyConflict};
pub use directory::{DirectoryChange, DirectoryPage, DirectoryPart};
pub use users::{CreateUserConflict, DueUser, UpdateUserConflict, import_items};

use std::sync::Arc;

use aws_sdk_dynamodb::Client;

use crate::clock::{Clock, Random};

/// The table behind its repository methods; one method is one atomic step or one strongly consistent read.
#[derive(Clone)]
pub struct Store {
    client: Client,
    table: String,
    random: Arc<Random>,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("table", &self.table).finish_non_exhaustive()
    }
}

impl Store {
    /// The table of that name behind that client. `random` spreads retries and makes request tokens, `clock` orders the
    /// directory's changes.
    #[must_use]
    pub fn new(client: Client, table: String, random: Arc<Random>, clock: Arc<dyn Clock>) -> Self {
        Self { client, table, random, clock }
    }
}
