//! The caller's own standing as a precondition of a write: who was allowed when the request was read must still be
//! allowed when it is applied.

use uuid::Uuid;

use super::keys::ItemKey;
use super::transact::{Condition, Guard, Transaction};
use crate::auth::token::ShortId;
use crate::domain::api_key::ApiKey;
use crate::domain::time::Timestamp;
use crate::domain::user::User;

/// A caller as the request found him.
#[derive(Clone, Debug)]
pub struct AuthzPrecondition {
    user_id: Uuid,
    key_id: String,
    number: u64,
    now: Timestamp,
}

impl AuthzPrecondition {
    /// Of the user and the key that authenticated a request at `now`.
    #[must_use]
    pub fn of(user: &User, key: &ApiKey, now: Timestamp) -> Self {
        Self { user_id: user.id, key_id: key.id.clone(), number: user.authz_version, now }
    }

    /// Adds both checks to a transaction: the user may do what he might (status, roles, deletion and key generation
    /// are as they were read), and the key was neither revoked nor ended. What the transaction writes itself is
    /// skipped: DynamoDB takes one operation an item, and those writes carry a stricter condition.
    pub(super) fn require(&self, transaction: &mut Transaction<'_>) {
        let user = ShortId::of(self.user_id);
        transaction.check(&ItemKey::profile(&user), &Condition::equals("authz_version", self.number), Guard::Authz);
        transaction.check(
            &ItemKey::api_key(&user, &self.key_id),
            &Condition::at_least("expires", self.now.micros()),
            Guard::Authz,
        );
    }
}
