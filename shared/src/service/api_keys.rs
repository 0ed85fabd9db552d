//! API keys and named tokens (docs/api/api-keys.md).

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::json;

use super::audit::AuditLog;
use super::session::Caller;
use crate::auth::token::{ShortId, Token};
use crate::clock::{Clock, Random};
use crate::domain::api_key::{ApiKey, KeyType};
use crate::domain::audit::{AuditAction, AuditRow, AuditedChange};
use crate::domain::names::{MAX_TEXT_BYTES, excerpt};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::rbac::{Action, AllowList, AllowListError, Object, ScopeSet, authorize, canonical_scope, is_public_scope};
use crate::storage::{ChangeKeyConflict, CreateKeyConflict, Lookup, StorageError, Store};

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

/// Why a key is not to be had, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No such key, or not the caller's to see or to touch.
    #[error("no such key, or hidden")]
    Hidden,
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<ChangeKeyConflict> for KeyError {
    fn from(conflict: ChangeKeyConflict) -> Self {
        match conflict {
            ChangeKeyConflict::Gone => Self::Hidden,
            ChangeKeyConflict::Storage(error) => Self::Storage(error),
        }
    }
}

/// A token in a list, with the username of its owner.
#[derive(Clone, Debug)]
pub struct ListedToken {
    /// The token.
    pub key: ApiKey,
    /// Empty when the owner could not be found.
    pub username: String,
}

/// An API key with the user who owns it.
#[derive(Clone, Debug)]
pub struct KeyWithOwner {
    /// The key.
    pub key: ApiKey,
    /// The user, deleted or not.
    pub owner: User,
}

/// Which tokens a list shows.
#[derive(Clone, Copy, Default, Debug)]
pub struct TokenListing {
    /// Everybody's, as far as the caller may read them.
    pub include_all: bool,
    /// Expired ones too.
    pub include_expired: bool,
}

/// More than twice as many as there are. The reference knows no limit, and keeps repetitions
/// (docs/api/deviations.md#bounded-texts-and-lists).
const MAX_SCOPES: usize = 256;
/// Names that the service picks, and key ids, are tried this often.
const CREATE_ATTEMPTS: u32 = 5;
const NANOSECONDS: i64 = 1_000_000_000;

/// The lifetimes of API keys that the deployment allows (docs/api/api-keys.md#lifetimes).
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenLifetimes {
    /// Of tokens that name none, and of keys that the login page of the CLI makes.
    pub(crate) default: Duration,
    /// The longest that a token may ask for.
    pub(crate) max: Duration,
    /// The longest that a token of an owner may ask for.
    pub(crate) max_admin: Duration,
}

/// API keys and named tokens.
pub struct ApiKeys {
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<Random>,
    lifetimes: TokenLifetimes,
    audit: AuditLog,
}

impl ApiKeys {
    pub(crate) fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<Random>,
        lifetimes: TokenLifetimes,
        audit: AuditLog,
    ) -> Self {
        Self { store, clock, random, lifetimes, audit }
    }

    /// The longest lifetime a token of this user may have. Owners have a bound of their own
    /// (docs/api/api-keys.md#lifetimes).
    #[must_use]
    pub fn max_lifetime(&self, target: &User) -> Duration {
        if target.is_owner() { self.lifetimes.max_admin } else { self.lifetimes.max }
    }

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
        // Deviation: docs/api/deviations.md#lifetimes-below-a-second. The reference makes an expired token of a
        // fraction of a second.
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
            let write = caller.write(AuditRow {
                changes: AuditedChange::of_key(&key),
                ..self.audit.row_of_key(caller, &key, AuditAction::Create, 201)
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

    /// The tokens of a user, or everybody's, as far as the caller may read them; by creation (Deviation:
    /// docs/api/deviations.md#order-of-tokens).
    pub async fn list_tokens(
        &self,
        caller: &Caller,
        target: &User,
        listing: TokenListing,
        own_keys: Vec<ApiKey>,
    ) -> Result<Vec<ListedToken>, StorageError> {
        let others = Object::any(crate::rbac::ResourceType::ApiKey);
        // Who may read nobody else's keys sees his own in either case.
        let everybody = listing.include_all && authorize(&caller.subject, Action::Read, &others);
        let mut tokens = if everybody {
            self.everybodys_tokens().await?
        } else {
            let keys = self.keys_of(caller, target, own_keys).await?;
            keys.into_iter().map(|key| ListedToken { key, username: target.username.clone() }).collect()
        };
        tokens.retain(|token| {
            token.key.key_type == KeyType::Token
                && (listing.include_expired || token.key.expires_at > caller.now)
                && authorize(&caller.subject, Action::Read, &Object::api_key(token.key.user_id))
        });
        tokens.sort_by(|a, b| (a.key.created_at, &a.key.id).cmp(&(b.key.created_at, &b.key.id)));
        Ok(tokens)
    }

    async fn everybodys_tokens(&self) -> Result<Vec<ListedToken>, StorageError> {
        let keys = self.store.all_tokens().await?;
        let mut lookups: Vec<Lookup> = keys.iter().map(|key| Lookup::User(key.user_id)).collect();
        lookups.dedup();
        let owners = self.store.read(&lookups).await?;
        let mut tokens = Vec::new();
        for key in keys {
            if let Some(owner) = owners.user(key.user_id)?.filter(|owner| is_alive(&key, owner)) {
                tokens.push(ListedToken { key, username: owner.username });
            }
        }
        Ok(tokens)
    }

    /// The keys of a user that are alive. `own_keys` are those of the caller, if they were read along.
    async fn keys_of(
        &self,
        caller: &Caller,
        target: &User,
        own_keys: Vec<ApiKey>,
    ) -> Result<Vec<ApiKey>, StorageError> {
        if target.id == caller.user.id && !own_keys.is_empty() {
            return Ok(own_keys);
        }
        let (mut keys, _) = self.store.keys_and_owner(&ShortId::of(target.id)).await?;
        keys.retain(|key| is_alive(key, target));
        Ok(keys)
    }

    /// The key of a user that has this exact name, whatever made it.
    pub async fn token_by_name(
        &self,
        caller: &Caller,
        target: &User,
        name: &str,
        own_keys: Vec<ApiKey>,
    ) -> Result<ApiKey, KeyError> {
        let keys = self.keys_of(caller, target, own_keys).await?;
        keys.into_iter()
            .find(|key| !name.is_empty() && key.token_name == name)
            .filter(|key| authorize(&caller.subject, Action::Read, &Object::api_key(key.user_id)))
            .ok_or(KeyError::Hidden)
    }

    /// The key that a path names by its id, of any owner (docs/api/api-keys.md#key-lookup), if the caller may do all of
    /// `actions` to it.
    pub fn get(&self, caller: &Caller, named: Option<KeyWithOwner>, actions: &[Action]) -> Result<ApiKey, KeyError> {
        let KeyWithOwner { key, owner } = named.ok_or(KeyError::Hidden)?;
        let object = Object::api_key(key.user_id);
        let permitted = actions.iter().all(|action| authorize(&caller.subject, *action, &object));
        if !permitted || !is_alive(&key, &owner) {
            return Err(KeyError::Hidden);
        }
        // The caller's own key as this request left it, which may just have been marked as used.
        Ok(if key.id == caller.key.id { caller.key.clone() } else { key })
    }

    /// Removes a key, expired or not, the caller's own too.
    pub async fn delete(&self, caller: &Caller, named: Option<KeyWithOwner>) -> Result<(), KeyError> {
        let key = self.get(caller, named, &[Action::Delete])?;
        let write = caller.write(self.audit.row_of_key(caller, &key, AuditAction::Delete, 204));
        Ok(self.store.delete_keys(&[key], &write).await?)
    }

    /// Ends a key; one that has ended keeps its moment.
    pub async fn expire(&self, caller: &Caller, named: Option<KeyWithOwner>) -> Result<(), KeyError> {
        let key = self.get(caller, named, &[Action::Read, Action::Update])?;
        if key.expires_at <= caller.now {
            return Ok(());
        }
        // A key that is still valid at the moment of its expiry would outlive this answer by a microsecond.
        let ended = caller.now.minus(TimeDelta::microseconds(1));
        let change = AuditedChange::Value("expires_at", json!(key.expires_at), json!(ended));
        let write = caller
            .write(AuditRow { changes: vec![change], ..self.audit.row_of_key(caller, &key, AuditAction::Write, 204) });
        Ok(self.store.expire_key(&key, ended, &write).await?)
    }
}

fn is_alive(key: &ApiKey, owner: &User) -> bool {
    !owner.deleted && key.generation == owner.key_generation && key.user_id == owner.id
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
