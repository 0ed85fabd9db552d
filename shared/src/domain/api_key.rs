//! API keys: sessions and named tokens. Secrets live in `auth::token`, never here.

use chrono::TimeDelta;
use uuid::Uuid;

use super::time::Timestamp;
use super::wire_names::wire_names;

wire_names! {
    /// What made a key; kept on the key and never compared with how its user signs in today.
    pub enum KeyType {
        /// A session made by a password, or by `POST /users/{user}/keys`.
        Password = "password",
        /// A session made by a GitHub sign-in.
        Github = "github",
        /// A session made by an OpenID sign-in.
        Oidc = "oidc",
        /// A named token that does not slide.
        Token = "token",
    }
}

/// One API key without its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Ten characters: the owner's short id and four of its own.
    pub id: String,
    /// The owner.
    pub user_id: Uuid,
    /// What made it.
    pub key_type: KeyType,
    /// Empty for sessions.
    pub token_name: String,
    /// Canonical scope names in the order in which they were asked for; never empty.
    pub scopes: Vec<String>,
    /// Normalised `type:id` entries; never empty.
    pub allow_list: Vec<String>,
    /// Creation.
    pub created_at: Timestamp,
    /// Set at creation and never touched again (docs/api/authentication.md#stored-fields-of-a-key).
    pub updated_at: Timestamp,
    /// [`Timestamp::EPOCH`] until first used; then at most about an hour old while in use.
    pub last_used: Timestamp,
    /// Still valid at exactly this moment.
    pub expires_at: Timestamp,
    /// How far a sliding session reaches from its last refresh, in seconds.
    pub lifetime_seconds: i64,
    /// The client's address when the key was made or last used.
    pub ip_address: String,
    /// The owner's key generation when the key was made.
    pub generation: u64,
    /// SHA-256 of the secret.
    pub secret_hash: [u8; 32],
}

/// Whose key it is and when it ends: not its hash.
impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("ApiKey");
        shown.field("id", &self.id).field("user_id", &self.user_id).field("key_type", &self.key_type);
        shown.field("expires_at", &self.expires_at).field("generation", &self.generation).finish_non_exhaustive()
    }
}

/// How far the use of a session moves its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sliding {
    /// Not at all.
    Never,
    /// To a whole lifetime from the use.
    Freely,
    /// The same, and never past this age of the session.
    UntilAge(TimeDelta),
}

/// A key is marked as used, and a session slides, at most once in this time
/// (docs/api/authentication.md#bookkeeping-of-use).
const BOOKKEEPING_INTERVAL: TimeDelta = TimeDelta::hours(1);

impl ApiKey {
    /// Whether the key can no longer be used. Equal times are still valid (docs/api/authentication.md#order-of-checks).
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at < now
    }

    /// The key as it should be stored after a request at `now`; `None` when nothing is due
    /// (docs/api/authentication.md#bookkeeping-of-use).
    #[must_use]
    pub fn touched(&self, now: Timestamp, ip_address: &str, sliding: Sliding) -> Option<Self> {
        let used = now.since(self.last_used) > BOOKKEEPING_INTERVAL;
        let slides_to = self.slides_to(now, sliding);
        if !used && slides_to.is_none() {
            return None;
        }
        let mut key = self.clone();
        if used {
            key.last_used = now;
            ip_address.clone_into(&mut key.ip_address);
        }
        if let Some(end) = slides_to {
            key.expires_at = end;
        }
        Some(key)
    }

    /// The later end that a use at `now` gives a session, should it be due.
    fn slides_to(&self, now: Timestamp, sliding: Sliding) -> Option<Timestamp> {
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
    fn a_key_used_within_the_hour_is_left_alone() {
        let (key, now) = session(TimeDelta::minutes(30), TimeDelta::hours(1));
        assert_eq!(key.touched(now, "192.0.2.9", Sliding::Freely), None);
    }

    #[test]
    fn a_key_used_longer_ago_is_marked_and_takes_the_new_address() {
        let (key, now) = session(TimeDelta::minutes(30), TimeDelta::minutes(61));
        let touched = key.touched(now, "192.0.2.9", Sliding::Freely);
        assert_eq!(touched.as_ref().map(|key| key.last_used), Some(now));
        assert_eq!(touched.as_ref().map(|key| key.ip_address.as_str()), Some("192.0.2.9"));
        assert_eq!(touched.map(|key| key.expires_at), Some(key.expires_at));
    }

    #[test]
    fn a_session_slides_once_an_hour_of_its_life_is_gone() {
        let (key, now) = session(TimeDelta::hours(1), TimeDelta::minutes(5));
        let slid = key.touched(now, "", Sliding::Freely);
        assert_eq!(slid.as_ref().map(|key| key.expires_at), Some(now.plus(TimeDelta::hours(24))));
        assert_eq!(slid.map(|key| key.last_used), Some(key.last_used));
    }

    #[test]
    fn tokens_and_deployments_that_forbid_it_never_slide() {
        let (mut key, now) = session(TimeDelta::hours(2), TimeDelta::minutes(5));
        assert_eq!(key.touched(now, "", Sliding::Never), None);
        key.key_type = KeyType::Token;
        assert_eq!(key.touched(now, "", Sliding::Freely), None);
    }

    #[test]
    fn a_session_slides_up_to_its_greatest_age_and_then_is_left_alone() {
        let (key, now) = session(TimeDelta::hours(23), TimeDelta::minutes(5));
        let limit = |hours| Sliding::UntilAge(TimeDelta::hours(hours));
        let end = |hours| key.touched(now, "", limit(hours)).map(|key| key.expires_at.since(key.created_at));
        assert_eq!(end(48), Some(TimeDelta::hours(47)));
        assert_eq!(end(30), Some(TimeDelta::hours(30)));
        // Its own end is never taken back, and an end that is reached is not written again.
        assert_eq!((end(24), end(8)), (None, None));
    }

    #[test]
    fn the_very_moment_of_expiry_is_still_valid() {
        let (key, _) = session(TimeDelta::zero(), TimeDelta::zero());
        assert!(!key.is_expired(key.expires_at));
        assert!(key.is_expired(key.expires_at.plus(TimeDelta::microseconds(1))));
    }
}
