//! The caller's permissions as a precondition of a write: what the request was allowed when it was read must still be
//! allowed when the write is applied.

use uuid::Uuid;

use super::expression::{Condition, Conflict};
use super::items::number_value;
use super::keys::ItemKey;
use super::transact::Transaction;
use crate::auth::token::ShortId;
use crate::domain::api_key::ApiKey;
use crate::domain::time::Timestamp;
use crate::domain::user::User;

/// The caller's permissions and API key as the request read them.
#[derive(Clone, Debug)]
pub struct AuthzPrecondition {
    user_id: Uuid,
    key_id: String,
    authz_version: u64,
    now: Timestamp,
}

impl AuthzPrecondition {
    /// For the user and the key that authenticated a request at `now`.
    #[must_use]
    pub fn of(user: &User, key: &ApiKey, now: Timestamp) -> Self {
        Self { user_id: user.id, key_id: key.id.clone(), authz_version: user.authz_version, now }
    }

    /// Adds the precondition to a transaction: `authz_version` of the user is the one that was read (status, roles,
    /// deletion and key generation are unchanged), and the key still exists and has not ended. Add it after the writes:
    /// where a write of the caller's own record carries the version of the record, contention is then reported as such.
    pub(super) fn require(&self, transaction: &mut Transaction<'_>) {
        let user = ShortId::of(self.user_id);
        let unchanged = Condition::Equals("authz_version", number_value(self.authz_version));
        transaction.require(&ItemKey::profile(&user), unchanged.otherwise(Conflict::Authz));
        let alive = Condition::AtLeast("expires", number_value(self.now.micros()));
        transaction.require(&ItemKey::api_key(&user, &self.key_id), alive.otherwise(Conflict::Authz));
    }
}
