//! The one table and everything that names the AWS SDK.
#![doc = include_str!("dynamodb/ACCESS_PATTERNS.md")]

mod addresses;
mod api_keys;
mod attempts;
mod audit;
mod break_glass;
pub mod client;
pub mod cost;
mod directory;
mod expression;
mod facets;
mod git_ssh_keys;
pub mod items;
pub mod keys;
mod outbox;
mod passcodes;
mod rate_counts;
pub mod read;
mod settings;
pub mod table;
mod transact;
mod users;

pub use addresses::AddressPart;
pub use api_keys::{ChangeKeyConflict, CreateKeyConflict};
pub use attempts::CountedAttempt;
pub use directory::{ChangeLogEntry, ListingPage, ListingPart};
pub use facets::{ImportCounts, UserCounts};
pub use passcodes::RedeemConflict;
pub use users::{CreateUserConflict, DueUser, UpdateUserConflict, import_items};

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use chrono::TimeDelta;

use crate::clock::{Clock, Random};

/// The table behind its repository methods; one method is one atomic step or one strongly consistent read.
#[derive(Clone)]
pub struct Store {
    client: Client,
    table: String,
    random: Arc<Random>,
    clock: Arc<dyn Clock>,
    audit_retention: Option<TimeDelta>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("table", &self.table).finish_non_exhaustive()
    }
}

impl Store {
    /// The table of that name behind that client. `random` spreads retries and makes request tokens, `clock` orders the
    /// directory's changes. Entries of the audit log are kept forever.
    pub fn new(client: Client, table: String, random: Arc<Random>, clock: Arc<dyn Clock>) -> Self {
        Self { client, table, random, clock, audit_retention: None }
    }

    /// The same store, which keeps entries of the audit log for that long.
    #[must_use]
    pub fn keeping_audit_rows_for(self, retention: TimeDelta) -> Self {
        Self { audit_retention: Some(retention), ..self }
    }
}
