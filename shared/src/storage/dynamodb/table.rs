//! The schema of the table: its keys, its indexes and its time to live. Local mode creates the table from it, and `cargo
//! xtask generate` writes it into `infra/template.yaml`.

/// Partition key of the table.
pub const PK: &str = "PK";
/// Sort key of the table.
pub const SK: &str = "SK";
/// Seconds since the Unix epoch after which DynamoDB may remove an item; only ever cleans up.
pub const TTL: &str = "ttl";

/// Sparse index of active users by when they were last seen: what the dormancy job reads.
pub const ACTIVE_BY_LAST_SEEN: &str = "ActiveByLastSeen";
/// Its partition key, present on profiles of active users only.
pub const ACTIVE_PARTITION: &str = "active_partition";
/// Its sort key: microseconds since the Unix epoch.
pub const LAST_SEEN_AT: &str = "last_seen_at";
/// The one value of its partition key.
pub const ACTIVE: &str = "ACTIVE";

/// Sparse index of named tokens by creation: what an owner's list of all tokens reads.
pub const TOKENS: &str = "Tokens";
/// Its partition key, present on named tokens only.
pub const TOKEN_LISTING: &str = "token_listing";
/// Its sort key: microseconds since the Unix epoch.
pub const CREATED_AT: &str = "created_at";
/// The one value of its partition key.
pub const TOKEN: &str = "TOKEN";

/// A global secondary index. Its partition key is a string, its sort key a number.
#[derive(Clone, Copy, Debug)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// Name of its partition key.
    pub partition_key: &'static str,
    /// Name of its sort key.
    pub sort_key: &'static str,
    /// The attributes that it holds beside the keys; `None` for all.
    pub projection: Option<&'static [&'static str]>,
}

/// Every index of the table.
pub const INDEXES: &[Index] = &[
    Index {
        name: ACTIVE_BY_LAST_SEEN,
        partition_key: ACTIVE_PARTITION,
        sort_key: LAST_SEEN_AT,
        projection: Some(&["id"]),
    },
    Index { name: TOKENS, partition_key: TOKEN_LISTING, sort_key: CREATED_AT, projection: None },
];
