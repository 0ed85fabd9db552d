//! Builds every partition and sort key, from domain values only.

use std::collections::HashMap;
use std::fmt::Write;

use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::table::{PK, SK};
use crate::auth::token::ShortId;
use crate::domain::facet::Facet;
use crate::domain::rate_limit::Window;
use crate::domain::time::Timestamp;

/// Where an item lies.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ItemKey {
    /// Partition key.
    pub partition: String,
    /// Sort key.
    pub sort: String,
}

/// The partition of all users by name.
pub const DIRECTORY: &str = "DIRECTORY";
/// Sort-key prefix of the directory's counters: sorts before every username.
pub const COUNT_PREFIX: &str = "#COUNT#";
/// The partition of the directory's changes.
pub const DIRECTORY_LOG: &str = "DIRECTORY_LOG";
/// The partition of e-mail addresses in the order of their domains.
pub const ADDRESSES: &str = "DIRECTORY#EMAIL";
/// How the sort key of an address with more than one `@` begins; a domain never does.
pub const SEVERAL_AT: &str = "@";
/// The partition of the history of statuses.
pub const STATUS_HISTORY: &str = "STATUS_HISTORY";
/// Sort-key prefix of API keys.
pub const API_KEY_PREFIX: &str = "KEY#";
/// How many counters share the count of users, so that creations seldom meet.
pub const COUNT_SHARDS: u32 = 8;
/// How many counters there are at most: those, and one of a bulk import.
pub const MOST_COUNTERS: u32 = COUNT_SHARDS + 1;
/// How many partitions share the audit entries of one day, so that a flood of them is not a flood of one partition.
pub const AUDIT_SHARDS: u8 = 4;
/// How many partitions share the outbox: messages of one partition wait for each other in the table's stream.
pub const OUTBOX_SHARDS: u8 = 8;
/// What the partition keys of the outbox begin with.
pub const OUTBOX_PREFIX: &str = "OUTBOX#";
/// Token names longer than this are replaced by their hash in the sort key, which DynamoDB limits to 1,024 bytes.
const LONGEST_NAME_IN_KEY: usize = 512;
/// As many bytes of an address as its sort key begins with.
pub const LONGEST_ADDRESS_IN_KEY: usize = 900;

impl ItemKey {
    fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self { partition: partition.into(), sort: sort.into() }
    }

    /// `USER#<short>` / `PROFILE`.
    pub fn profile(user: &ShortId) -> Self {
        Self::new(user_partition(user), "PROFILE")
    }

    /// `USER#<short>` / `KEY#<key id>`.
    pub fn api_key(user: &ShortId, key_id: &str) -> Self {
        Self::new(user_partition(user), format!("{API_KEY_PREFIX}{key_id}"))
    }

    /// `USER#<short>` / `TOKEN_NAME#=<name>`, or `TOKEN_NAME#~<sha-256>` for a name too long for a key.
    pub fn token_name(user: &ShortId, name: &str) -> Self {
        let sort = if name.len() <= LONGEST_NAME_IN_KEY {
            format!("TOKEN_NAME#={name}")
        } else {
            format!("TOKEN_NAME#~{:x}", Sha256::digest(name.as_bytes()))
        };
        Self::new(user_partition(user), sort)
    }

    /// `USER#<short>` / `GIT_SSH_KEY`.
    pub fn git_ssh_key(user: &ShortId) -> Self {
        Self::new(user_partition(user), "GIT_SSH_KEY")
    }

    /// `USER#<short>` / `PASSWORD`.
    pub fn password(user: &ShortId) -> Self {
        Self::new(user_partition(user), "PASSWORD")
    }

    /// `USER#<short>` / `SETTINGS`.
    pub fn settings(user: &ShortId) -> Self {
        Self::new(user_partition(user), "SETTINGS")
    }

    /// `DIRECTORY` / `<lower-cased username>`: the claim of the name and the user's entry in the list.
    pub fn username(folded: &str) -> Self {
        Self::new(DIRECTORY, folded)
    }

    /// `DIRECTORY_LOG` / `<microseconds since the Unix epoch, 16 hexadecimal digits>#<id of the change>`.
    pub fn directory_change(at: Timestamp, id: Uuid) -> Self {
        Self::new(DIRECTORY_LOG, format!("{}#{id}", sortable_moment(at)))
    }

    /// `DIRECTORY#STATUS#<status>` or `DIRECTORY#ROLE#<role>` / `<lower-cased username>`: an entry in the list of a group.
    pub fn facet(facet: &Facet, folded: &str) -> Self {
        let partition = match facet {
            Facet::Status(status) => format!("{DIRECTORY}#STATUS#{}", status.as_str()),
            Facet::Role(role) => format!("{DIRECTORY}#ROLE#{role}"),
        };
        Self::new(partition, folded)
    }

    /// `DIRECTORY#EMAIL` / `<domain>@<local part, backwards>` of a lower-cased address; cut, and told apart by the user's
    /// id, when it is too long for a key; `@<id>` for an address with more than one `@`.
    pub fn address(folded: &str, user_id: Uuid) -> Self {
        let sort = match folded.split_once('@') {
            Some((local, domain)) if !domain.contains('@') => {
                let mut sort = format!("{domain}@{}", backwards(local));
                if sort.len() > LONGEST_ADDRESS_IN_KEY {
                    sort.truncate(sort.floor_char_boundary(LONGEST_ADDRESS_IN_KEY));
                    sort.push_str(&user_id.to_string());
                }
                sort
            }
            _ => format!("{SEVERAL_AT}{user_id}"),
        };
        Self::new(ADDRESSES, sort)
    }

    /// `DIRECTORY` / `#COUNT#<shard>`.
    pub fn count(shard: u32) -> Self {
        Self::new(DIRECTORY, format!("{COUNT_PREFIX}{shard}"))
    }

    /// `DIRECTORY` / `#COUNT#import`: the counter of a bulk import, beside those that changes add to.
    pub fn import_count() -> Self {
        Self::new(DIRECTORY, format!("{COUNT_PREFIX}import"))
    }

    /// `STATUS_HISTORY` / `<day since the Unix epoch>#<shard>`.
    pub fn status_history(at: Timestamp, shard: u32) -> Self {
        Self::new(STATUS_HISTORY, format!("{}#{shard}", history_day(at)))
    }

    /// `EMAIL#<lower-cased e-mail>` / `CLAIM`, or `EMAIL#~<sha-256>` for an address too long for a key.
    pub fn email(folded: &str) -> Self {
        Self::new(email_partition(folded), "CLAIM")
    }

    /// `EMAIL#<lower-cased e-mail>` / `PASSCODE`: the last passcode that was requested.
    pub fn passcode(folded: &str) -> Self {
        Self::new(email_partition(folded), "PASSCODE")
    }

    /// `EMAIL#<folded address>` / `ATTEMPTS`, whether or not a user has the address.
    pub fn attempts(folded_email: &str) -> Self {
        Self::new(email_partition(folded_email), "ATTEMPTS")
    }

    /// `AUDIT#<day>#<shard>` / `<microseconds since the Unix epoch, 16 hexadecimal digits>#<id of the row>`.
    pub fn audit(at: Timestamp, id: Uuid) -> Self {
        let shard = id.as_bytes()[0] % AUDIT_SHARDS;
        Self::new(format!("AUDIT#{}#{shard}", at.utc().format("%Y-%m-%d")), format!("{}#{id}", sortable_moment(at)))
    }

    /// `ORGANIZATION#<id>` / `PROFILE`.
    pub fn organization(id: Uuid) -> Self {
        Self::new(format!("ORGANIZATION#{id}"), "PROFILE")
    }

    /// `ORGANIZATION_NAME#<lower-cased name>` / `CLAIM`.
    pub fn organization_name(folded: &str) -> Self {
        Self::new(format!("ORGANIZATION_NAME#{folded}"), "CLAIM")
    }

    /// `OUTBOX#<shard>` / `<id>`: a message to send.
    pub fn outbox(id: Uuid) -> Self {
        let shard = id.as_bytes()[15] % OUTBOX_SHARDS;
        Self::new(format!("{OUTBOX_PREFIX}{shard}"), id.to_string())
    }

    /// `DEPLOYMENT` / `FIRST_USER`: exists once the first user was created.
    pub fn first_user() -> Self {
        Self::new("DEPLOYMENT", "FIRST_USER")
    }

    /// `DEPLOYMENT` / `OWNERS`: the ids of all owners.
    pub fn owners() -> Self {
        Self::new("DEPLOYMENT", "OWNERS")
    }

    /// `DEPLOYMENT` / `DEFAULT_ORGANIZATION`: its record.
    pub fn default_organization() -> Self {
        Self::new("DEPLOYMENT", "DEFAULT_ORGANIZATION")
    }

    /// `RATE#<sha-256 of limit, requester and path>` / `<number of the window>`.
    pub fn requests(key: &[u8; 32], window: Window) -> Self {
        let digest = key.iter().fold(String::with_capacity(64), |mut digest, byte| {
            let _infallible = write!(digest, "{byte:02x}");
            digest
        });
        Self::new(format!("RATE#{digest}"), window.number().to_string())
    }

    /// The key in the form DynamoDB takes.
    pub fn attributes(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            (PK.to_owned(), AttributeValue::S(self.partition.clone())),
            (SK.to_owned(), AttributeValue::S(self.sort.clone())),
        ])
    }

    /// Whether DynamoDB takes the key at all: user input of any length may ask for one.
    pub fn is_storable(&self) -> bool {
        self.partition.len() <= 2048 && self.sort.len() <= 1024 && !self.sort.is_empty()
    }
}

impl std::fmt::Display for ItemKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} / {}", self.partition, self.sort)
    }
}

/// `EMAIL#<folded>`, or `EMAIL#~<sha-256>` for an address too long for a key.
fn email_partition(folded: &str) -> String {
    // An address may have any length, a partition key has at most 2,048 bytes. The two forms never meet: every address
    // holds an `@`, no hash does.
    if folded.len() <= 1024 {
        return format!("EMAIL#{folded}");
    }
    format!("EMAIL#~{:x}", Sha256::digest(folded.as_bytes()))
}

/// `USER#<short>`.
pub fn user_partition(user: &ShortId) -> String {
    format!("USER#{}", user.as_str())
}

/// Which of the [`COUNT_SHARDS`] counters a user is counted by, always the same.
pub fn counter_shard(user_id: Uuid) -> u32 {
    ShortId::of(user_id).as_str().bytes().map(u32::from).sum::<u32>() % COUNT_SHARDS
}

/// A text from its last character to its first.
pub fn backwards(text: &str) -> String {
    text.chars().rev().collect()
}

/// The day of a moment, as it begins the sort keys of the history of statuses: five digits until the year 2243.
pub fn history_day(at: Timestamp) -> String {
    format!("{:05}", at.unix_seconds().max(0) / 86_400)
}

/// How a moment begins a sort key: in the order of time.
pub fn sortable_moment(at: Timestamp) -> String {
    format!("{:016x}", at.micros().max(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};
    use uuid::Uuid;

    use super::{ItemKey, counter_shard};
    use crate::auth::token::ShortId;

    proptest! {
        #[test]
        fn different_token_names_never_share_a_key_and_every_key_is_storable(a in ".{0,600}", b in ".{0,600}") {
            let user = ShortId::of(Uuid::nil());
            let (first, second) = (ItemKey::token_name(&user, &a), ItemKey::token_name(&user, &b));
            assert_eq!(a == b, first == second);
            assert!(first.is_storable());
        }

        #[test]
        fn a_username_never_sorts_before_the_counters(bits in any::<u128>()) {
            let count = ItemKey::count(counter_shard(Uuid::from_u128(bits)));
            assert!(count.sort.as_str() < ItemKey::username("0").sort.as_str());
        }
    }

    #[test]
    fn a_long_name_cannot_pass_for_the_hash_of_another() {
        let user = ShortId::of(Uuid::nil());
        let long = ItemKey::token_name(&user, &"x".repeat(600));
        let forged = long.sort.trim_start_matches("TOKEN_NAME#").to_owned();
        assert_ne!(ItemKey::token_name(&user, &forged), long);
    }
}
