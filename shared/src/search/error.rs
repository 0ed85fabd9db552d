//! The errors of a search of users.

use crate::storage::StorageError;

/// Why a search of users has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The page holds more users than a response can carry.
    #[error("the page holds more users than a response can carry")]
    PageTooLarge,
    /// The index is loaded in steps and is not complete yet. The same request succeeds later.
    #[error("the index of users is still being loaded")]
    Loading,
    /// The table could not be read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}
