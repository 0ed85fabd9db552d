//! API keys: sessions and named tokens. Their secrets are in `auth::token`.

use chrono::TimeDelta;
use uuid::Uuid;

use super::time::Timestamp;
use super::wire_names::wire_names;

wire_names! {
    /// How a key was created. It does not change when the login type of the user does.
    pub enum KeyType {
        /// A session from a sign-in with a password, or from `POST /users/{user}/keys`.
        Password = "password",
        /// A session from a sign-in with GitHub.
        Github = "github",
        /// A session from a sign-in with OpenID Connect.
        Oidc = "oidc",
        /// A named token, whose expiry never changes with use.
        Token = "token",
    }
}

/// One API key without its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Ten characters: the short id of the owner and four random ones.
    pub id: String,
    /// The owner.
    pub user_id: Uuid,
    /// How the key was created.
    pub key_type: KeyType,
    /// Empty for sessions.
    pub token_name: String,
    /// Canonical scope names in the order of the request; never empty.
    pub scopes: Vec<String>,
    /// Normalised `type:id` entries; never empty.
    pub allow_list: Vec<String>,
    /// When the key was created.
    pub created_at: Timestamp,
    /// Equal to `created_at`: later writes do not change it (docs/api/authentication.md#stored-fields-of-a-key).
    pub updated_at: Timestamp,
    /// [`Timestamp::EPOCH`] until the first use. Written at most once an hour, so it lags behind the last use.
    pub last_used: Timestamp,
    /// The last moment at which the key is valid.
    pub expires_at: Timestamp,
    /// A use extends a session to this many seconds from then.
    pub lifetime_seconds: i64,
    /// The address of the client when `last_used` was last written.
    pub ip_address: String,
    /// The key generation of the owner when the key was created.
    pub generation: u64,
    /// SHA-256 of the secret.
    pub secret_hash: [u8; 32],
}

/// Hides the hash of the secret.
impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("ApiKey");
        shown.field("id", &self.id).field("user_id", &self.user_id).field("key_type", &self.key_type);
        shown.field("expires_at", &self.expires_at).field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// How far a use extends the expiry of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sliding {
    /// A use does not extend the session.
    Never,
    /// A use extends the session to a full lifetime from then.
    Freely,
    /// Like `Freely`, but never past this age of the session.
    UntilAge(TimeDelta),
}

/// `last_used` and the expiry of a session are written at most once in this time
/// (docs/api/authentication.md#bookkeeping-of-use).
const BOOKKEEPING_INTERVAL: TimeDelta = TimeDelta::hours(1);

impl ApiKey {
    /// Whether the key has expired. At exactly `expires_at` it is still valid
    /// (docs/api/authentication.md#order-of-checks).
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at < now
    }

    /// The key to store after a request at `now`; `None` if no field needs a write
    /// (docs/api/authentication.md#bookkeeping-of-use).
    pub fn touched(&self, now: Timestamp, ip_address: &str, sliding: Sliding) -> Option<Self> {
        let used = now.since(self.last_used) > BOOKKEEPING_INTERVAL;
        let extended_expiry = self.extended_expiry(now, sliding);
        if !used && extended_expiry.is_none() {
            return None;
        }
        let mut key = self.clone();
        if used {
            key.last_used = now;
            ip_address.clone_into(&mut key.ip_address);
        }
        if let Some(end) = extended_expiry {
            key.expires_at = end;
        }
        Some(key)
    }

    /// The new expiry of a session that is used at `now`; `None` if it stays the same.
    fn extended_expiry(&self, now: Timestamp, sliding: Sliding) -> Option<Timestamp> {
        let lifetime = TimeDelta::seconds(self.lifetime_seconds);
        let end = match sliding {
            Sliding::Never => return None,
            Sliding::Freely => now.plus(lifetime),
            Sliding::UntilAge(age) => now.plus(lifetime).min(self.created_at.plus(age)),
        };
        let is_due = self.key_type != KeyType::Token && self.expires_at.since(now) <= lifetime - BOOKKEEPING_INTERVAL;
        (is_due && end > self.expires_at).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::{ApiKey, KeyType, Sliding};
    use crate::domain::time::Timestamp;

    fn session(age: TimeDelta, used: TimeDelta) -> (ApiKey, Timestamp) {
        let now = Timestamp::EPOCH.plus(TimeDelta::days(20_000));
        let key = ApiKey {
            id: "0123456789".to_owned(),
            user_id: Uuid::nil(),
            key_type: KeyType::Password,
            token_name: String::new(),
            scopes: vec!["coder:all".to_owned()],
            allow_list: vec!["*:*".to_owned()],
            created_at: now.minus(age),
            updated_at: now.minus(age),
            last_used: now.minus(used),
            expires_at: now.minus(age).plus(TimeDelta::hours(24)),
            lifetime_seconds: 86_400,
            ip_address: "192.0.2.1".to_owned(),
            generation: 0,
            secret_hash: [0; 32],
        };
        (key, now)
    }

    #[test]
    fn a_key_used_within_the_last_hour_is_not_written() {
        let (key, now) = session(TimeDelta::minutes(30), TimeDelta::hours(1));
        assert_eq!(key.touched(now, "192.0.2.9", Sliding::Freely), None);
    }

    #[test]
    fn a_key_used_longer_ago_gets_the_new_time_and_address() {
        let (key, now) = session(TimeDelta::minutes(30), TimeDelta::minutes(61));
        let touched = key.touched(now, "192.0.2.9", Sliding::Freely);
        assert_eq!(touched.as_ref().map(|key| key.last_used), Some(now));
        assert_eq!(touched.as_ref().map(|key| key.ip_address.as_str()), Some("192.0.2.9"));
        assert_eq!(touched.map(|key| key.expires_at), Some(key.expires_at));
    }

    #[test]
    fn a_session_is_extended_after_an_hour_of_its_lifetime() {
        let (key, now) = session(TimeDelta::hours(1), TimeDelta::minutes(5));
        let slid = key.touched(now, "", Sliding::Freely);
        assert_eq!(slid.as_ref().map(|key| key.expires_at), Some(now.plus(TimeDelta::hours(24))));
        assert_eq!(slid.map(|key| key.last_used), Some(key.last_used));
    }

    #[test]
    fn tokens_and_sessions_with_a_fixed_expiry_are_never_extended() {
        let (mut key, now) = session(TimeDelta::hours(2), TimeDelta::minutes(5));
        assert_eq!(key.touched(now, "", Sliding::Never), None);
        key.key_type = KeyType::Token;
        assert_eq!(key.touched(now, "", Sliding::Freely), None);
    }

    #[test]
    fn a_session_is_extended_only_up_to_its_absolute_limit() {
        let (key, now) = session(TimeDelta::hours(23), TimeDelta::minutes(5));
        let limit = |hours| Sliding::UntilAge(TimeDelta::hours(hours));
        let end = |hours| key.touched(now, "", limit(hours)).map(|key| key.expires_at.since(key.created_at));
        assert_eq!(end(48), Some(TimeDelta::hours(47)));
        assert_eq!(end(30), Some(TimeDelta::hours(30)));
        // The expiry is never shortened, and an unchanged expiry is not written.
        assert_eq!((end(24), end(8)), (None, None));
    }

    #[test]
    fn a_key_is_valid_at_its_exact_expiry() {
        let (key, _) = session(TimeDelta::zero(), TimeDelta::zero());
        assert!(!key.is_expired(key.expires_at));
        assert!(key.is_expired(key.expires_at.plus(TimeDelta::microseconds(1))));
    }
}
