//! Why storage could not do what was asked, in terms that no other layer has to translate.

/// Why storage could not do what was asked. No variant says anything about the stored data.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Another request changed a record between the read and the write. Nothing was written: read it again, and decide
    /// again.
    #[error("the record was changed in the meantime")]
    Contention,
    /// The caller's permissions or API key changed while the request was processed. Nothing was written.
    #[error("the caller's permissions changed")]
    AuthzChanged,
    /// DynamoDB refused or did not answer, and the retries are used up.
    #[error("the database is too busy")]
    Throttled(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A stored item lacks an attribute, or the attribute has a value that cannot be read.
    #[error("the stored item {item} is corrupt: attribute {attribute}")]
    Corrupt {
        /// Partition and sort key.
        item: String,
        /// The attribute.
        attribute: String,
    },
    /// Any other error of DynamoDB, or of the connection to it.
    #[error("the database cannot be used")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}
