//! The storage that the use cases need, in terms of the domain. The DynamoDB table behind it is in `dynamodb`.

pub mod dynamodb;
mod error;
mod write;

pub use dynamodb::items::{EmailClaim, StoredPasscode, StoredPassword};
pub use dynamodb::read::{Lookup, Records};
pub use dynamodb::{
    AddressPart, ChangeKeyConflict, ChangeLogEntry, CountedAttempt, CreateKeyConflict, CreateUserConflict, DueUser,
    ListingPage, ListingPart, RedeemConflict, Store, UpdateUserConflict, UserCounts,
};
pub use error::StorageError;
pub use write::{AuthzPrecondition, Unaudited, Write};
