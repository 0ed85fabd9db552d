//! One-time passcodes.

use uuid::Uuid;

use super::{Attributes, Reader, Writer};
use crate::auth::passcode::PasscodeHash;
use crate::domain::time::Timestamp;
use crate::storage::dynamodb::keys::ItemKey;
use crate::storage::dynamodb::table::TTL;
use crate::storage::error::StorageError;

/// A passcode that was asked for.
///
/// `EMAIL#<folded>` / `PASSCODE`: `id`, `generation`, `hash`, `expires`, `ttl`. An address without a user has one too,
/// with a random id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredPasscode {
    /// Whose password it may change.
    pub user_id: Uuid,
    /// That user's key generation when it was asked for. Every change of the password raises it, which ends the passcode.
    pub key_generation: u64,
    /// What the presented text must hash to.
    pub hash: PasscodeHash,
    /// The last moment at which it is good.
    pub expires_at: Timestamp,
}

/// `EMAIL#<folded>` / `PASSCODE`.
pub(in crate::storage::dynamodb) fn passcode_item(folded_email: &str, passcode: &StoredPasscode) -> Attributes {
    Writer::at(&ItemKey::passcode(folded_email))
        .uuid("id", passcode.user_id)
        .number("generation", passcode.key_generation)
        .bytes("hash", &passcode.hash.0)
        .time("expires", passcode.expires_at)
        .number(TTL, passcode.expires_at.plus(chrono::TimeDelta::days(1)).unix_seconds())
        .0
}

/// A passcode.
pub(in crate::storage::dynamodb) fn read_passcode(item: &Attributes) -> Result<StoredPasscode, StorageError> {
    let item = Reader(item);
    Ok(StoredPasscode {
        user_id: item.uuid("id")?,
        key_generation: item.number("generation")?,
        hash: PasscodeHash(item.bytes("hash")?.try_into().map_err(|_| item.corrupt("hash"))?),
        expires_at: item.time("expires")?,
    })
}
