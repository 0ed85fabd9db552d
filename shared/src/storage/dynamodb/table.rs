//! Names of the table's keys and indexes. `infra/template.yaml` declares them; a contract test compares both.

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
