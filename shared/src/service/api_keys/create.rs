//! Making API keys and named tokens (docs/api/api-keys.md).

use chrono::TimeDelta;

use super::ApiKeys;
use crate::auth::token::{ShortId, Token};
use crate::clock::Random;
use crate::domain::api_key::{ApiKey, KeyType};
use crate::domain::audit::{AuditAction, AuditEntry, AuditedChange};
use crate::domain::names::{MAX_TEXT_BYTES, excerpt};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::rbac::{Action, AllowList, AllowListError, Object, ScopeSet, authorize, canonical_scope, is_public_scope};
use crate::service::session::Caller;
use crate::storage::{CreateKeyConflict, StorageError};

/// What a client asks of a new token.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Nanoseconds; 0 means the deployment's default.
    pub lifetime_ns: i64,
    /// Empty means that the service picks one.
    pub name: String,
    /// As asked for; empty means everything.
    pub scopes: Vec<String>,
    /// `type:id` entries as asked for; empty means everything.
    pub allow_list: Vec<String>,
}

/// Why no key was created.
#[derive(Debug, thiserror::Error)]
pub enum CreateKeyError {
    /// The user is deleted.
    #[error("no such user, or hidden")]
    Hidden,
    /// The caller may not make keys for this user.
    #[error("not permitted")]
    Forbidden,
    /// The allow-list is malformed or too long.
    #[error(transparent)]
    AllowList(#[from] AllowListError),
    /// No public scope of that name.
    #[error("there is no public scope {0:?}")]
    UnknownScope(String),
    /// More than 256.
    #[error("the key would have {0} scopes, the limit is {MAX_SCOPES}")]
    TooManyScopes(usize),
    /// The lifetime is negative or shorter than a second.
    #[error("the lifetime must be positive and at least one second")]
    LifetimeTooShort,
    /// The lifetime exceeds the bound of the user.
    #[error("the lifetime must be less than or equal to {0} hours")]
    LifetimeTooLong(i64),
    /// The caller's own key may do less than the new one would.
    #[error("the new key would be allowed more than the key that asks for it")]
    Wider,
    /// The name is longer than what can be stored.
    #[error("the name must not be longer than {MAX_TEXT_BYTES} bytes")]
    NameTooLong,
    /// The user has a token of that name.
    #[error("there is a token of that name already")]
    NameTaken,
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// More than twice as many as there are. Coder has no limit and keeps repetitions
/// (docs/api/deviations.md#bounded-texts-and-lists).
const MAX_SCOPES: usize = 256;
/// Names that the service picks, and key ids, are tried this often.
const CREATE_ATTEMPTS: u32 = 5;
const NANOSECONDS: i64 = 1_000_000_000;

impl ApiKeys {
    /// Makes a sliding, unnamed key "as the login page of the CLI does". It gets the scopes and the allow-list of the
    /// key that asks for it (Deviation: docs/api/deviations.md#no-wider-keys, where a narrow key mints an unrestricted
    /// one).
    pub async fn create_session_key(&self, caller: &Caller, target: &User) -> Result<Token, CreateKeyError> {
        check_may_create(caller, target)?;
        let now = self.clock.now();
        let lifetime = TimeDelta::from_std(self.lifetimes.default).unwrap_or(TimeDelta::MAX);
        self.create_key(caller, target, |token| ApiKey {
            key_type: KeyType::Password,
            scopes: caller.key.scopes.clone(),
            allow_list: caller.key.allow_list.clone(),
            ip_address: caller.origin.ip_address.clone(),
            ..blank_key(token, target, now, lifetime)
        })
        .await
    }

    /// Makes a named token that does not slide.
    pub async fn create_token(&self, caller: &Caller, target: &User, new: &NewToken) -> Result<Token, CreateKeyError> {
        let allow_list = AllowList::parse(&new.allow_list);
        // An entry that cannot be read is a fault of the body; a list that is too long is said after the scopes.
        if let Err(error @ AllowListError::Malformed(_)) = allow_list {
            return Err(error.into());
        }
        let scopes = canonical_scopes(&new.scopes)?;
        let allow_list = allow_list?;
        let lifetime = self.token_lifetime(target, new.lifetime_ns)?;
        if new.name.len() > MAX_TEXT_BYTES {
            return Err(CreateKeyError::NameTooLong);
        }
        check_may_create(caller, target)?;
        let is_wider = !caller.subject.scopes.covers(&ScopeSet::from_names(&scopes))
            || !caller.subject.allow_list.covers(&allow_list);
        if is_wider {
            return Err(CreateKeyError::Wider);
        }
        let now = self.clock.now();
        for _ in 0..CREATE_ATTEMPTS {
            let name = if new.name.is_empty() { random_name(&self.random) } else { new.name.clone() };
            let created = self
                .create_key(caller, target, |token| ApiKey {
                    key_type: KeyType::Token,
                    token_name: name.clone(),
                    scopes: scopes.clone(),
                    allow_list: allow_list.to_strings(),
                    ip_address: "0.0.0.0".to_owned(),
                    ..blank_key(token, target, now, lifetime)
                })
                .await;
            match created {
                // Two picked names met: another one (Deviation: docs/api/deviations.md#picked-token-names).
                Err(CreateKeyError::NameTaken) if new.name.is_empty() => {}
                result => return result,
            }
        }
        Err(CreateKeyError::NameTaken)
    }

    fn token_lifetime(&self, target: &User, lifetime_ns: i64) -> Result<TimeDelta, CreateKeyError> {
        if lifetime_ns == 0 {
            return Ok(TimeDelta::from_std(self.lifetimes.default).unwrap_or(TimeDelta::MAX));
        }
        // Deviation: docs/api/deviations.md#lifetimes-below-a-second. In Coder, a lifetime of a fraction of a second makes
        // an expired token.
        if lifetime_ns < NANOSECONDS {
            return Err(CreateKeyError::LifetimeTooShort);
        }
        let longest = TimeDelta::from_std(self.max_lifetime(target)).unwrap_or(TimeDelta::MAX);
        let lifetime = TimeDelta::nanoseconds(lifetime_ns);
        if lifetime > longest {
            return Err(CreateKeyError::LifetimeTooLong(longest.num_hours()));
        }
        Ok(lifetime)
    }

    async fn create_key(
        &self,
        caller: &Caller,
        target: &User,
        key_for: impl Fn(&Token) -> ApiKey,
    ) -> Result<Token, CreateKeyError> {
        for _ in 0..CREATE_ATTEMPTS {
            let token = Token::generate(&ShortId::of(target.id), &self.random);
            let key = key_for(&token);
            let write = caller.write(AuditEntry {
                changes: AuditedChange::of_key(&key),
                ..self.audit.entry_for_key(caller, &key, AuditAction::Create)
            });
            match self.store.create_key(&key, target, &write).await {
                Ok(()) => return Ok(token),
                // One of fourteen million ids of this user was taken: another.
                Err(CreateKeyConflict::KeyId) => {}
                Err(CreateKeyConflict::TokenName) => return Err(CreateKeyError::NameTaken),
                Err(CreateKeyConflict::Storage(error)) => return Err(error.into()),
            }
        }
        Err(StorageError::Contention.into())
    }
}

fn check_may_create(caller: &Caller, target: &User) -> Result<(), CreateKeyError> {
    if !authorize(&caller.subject, Action::Create, &Object::api_key(target.id)) {
        return Err(CreateKeyError::Forbidden);
    }
    if target.deleted {
        return Err(CreateKeyError::Hidden);
    }
    Ok(())
}

/// Canonical names in the order asked for; nothing asked for is everything (docs/api/api-keys.md#stored-scopes).
fn canonical_scopes(asked: &[String]) -> Result<Vec<String>, CreateKeyError> {
    if asked.is_empty() {
        return Ok(vec!["coder:all".to_owned()]);
    }
    let canonical = asked.iter().map(|name| {
        let canonical = canonical_scope(name);
        is_public_scope(canonical)
            .then(|| canonical.to_owned())
            .ok_or_else(|| CreateKeyError::UnknownScope(excerpt(name)))
    });
    let canonical: Vec<String> = canonical.collect::<Result<_, _>>()?;
    if canonical.len() > MAX_SCOPES { Err(CreateKeyError::TooManyScopes(canonical.len())) } else { Ok(canonical) }
}

fn blank_key(token: &Token, owner: &User, now: Timestamp, lifetime: TimeDelta) -> ApiKey {
    ApiKey {
        id: token.key_id.clone(),
        user_id: owner.id,
        key_type: KeyType::Password,
        token_name: String::new(),
        scopes: Vec::new(),
        allow_list: Vec::new(),
        created_at: now,
        updated_at: now,
        last_used: Timestamp::EPOCH,
        expires_at: now.plus(lifetime),
        lifetime_seconds: lifetime.num_seconds(),
        ip_address: String::new(),
        generation: owner.key_generation,
        secret_hash: token.secret_hash(),
    }
}

const ADJECTIVES: [&str; 24] = [
    "able", "brave", "calm", "clever", "daring", "eager", "fair", "fine", "gentle", "glad", "honest", "keen", "kind",
    "lively", "merry", "mighty", "noble", "patient", "proud", "quiet", "ready", "steady", "swift", "wise",
];
const SURNAMES: [&str; 24] = [
    "babbage", "boole", "curie", "darwin", "dijkstra", "euler", "fermat", "franklin", "galileo", "gauss", "goodall",
    "hamilton", "hopper", "kepler", "knuth", "lamport", "liskov", "lovelace", "meitner", "newton", "noether",
    "perlman", "turing", "wing",
];

/// `<adjective>_<surname><two digits>`, at most 32 characters.
fn random_name(random: &Random) -> String {
    let pick = |words: &[&'static str; 24]| words[random.below(24) as usize % words.len()];
    format!("{}_{}{:02}", pick(&ADJECTIVES), pick(&SURNAMES), random.below(100))
}

#[cfg(test)]
mod tests {
    use super::{canonical_scopes, random_name};
    use crate::clock::Random;

    #[test]
    fn picked_names_have_the_form_and_length_of_the_spec() {
        let random = Random::from_seed(5);
        for _ in 0..500 {
            let name = random_name(&random);
            let (adjective, rest) = name.split_once('_').unwrap_or_default();
            let (surname, digits) = rest.split_at(rest.len() - 2);
            assert!(name.len() <= 32, "{name}");
            assert!(adjective.chars().chain(surname.chars()).all(|letter| letter.is_ascii_lowercase()), "{name}");
            assert!(!surname.is_empty() && digits.chars().all(|digit| digit.is_ascii_digit()), "{name}");
        }
    }

    #[test]
    fn scopes_are_canonical_keep_their_order_and_default_to_everything() {
        let canonical =
            |asked: &[&str]| canonical_scopes(&asked.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()).ok();
        assert_eq!(canonical(&[]), Some(vec!["coder:all".to_owned()]));
        let asked = canonical(&["user:read", "application_connect", "user:read"]);
        assert_eq!(asked, Some(["user:read", "coder:application_connect", "user:read"].map(str::to_owned).to_vec()));
        assert_eq!(canonical(&["user:create"]), None);
        assert_eq!(canonical(&["nonsense"]), None);
    }
}
