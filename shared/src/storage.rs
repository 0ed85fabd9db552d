//! What the use cases need of storage, in the domain's words; how it is kept is in `dynamodb`.

pub mod dynamodb;

pub use dynamodb::authz_precondition::AuthzPrecondition;
pub use dynamodb::items::{EmailClaim, StoredPasscode, StoredPassword};
pub use dynamodb::read::{Lookup, Records};
pub use dynamodb::{
    AddressPart, ChangeKeyConflict, ChangeLogEntry, CreateKeyConflict, CreateUserConflict, DueUser, ListingPage,
    ListingPart, RedeemConflict, Store, UpdateUserConflict, UserCounts,
};

/// Why storage could not do what was asked. None of these says anything about the data.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Somebody else changed what this change was based on: read again and decide again.
    #[error("the record was changed in the meantime")]
    Contention,
    /// What the caller may do changed while the request was under way; nothing was written.
    #[error("the caller's standing changed")]
    AuthzChanged,
    /// The directory is read in steps, and more are to come: ask again.
    #[error("the directory is still being loaded")]
    Loading,
    /// DynamoDB asks for patience, and ours is used up.
    #[error("the database is too busy")]
    Throttled(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A stored item lacks an attribute or has one of another kind.
    #[error("the stored item {item} is corrupt: attribute {attribute}")]
    Corrupt {
        /// Partition and sort key.
        item: String,
        /// The attribute.
        attribute: &'static str,
    },
    /// Anything else that DynamoDB or the way to it says.
    #[error("the database cannot be used")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}
