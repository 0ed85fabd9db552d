//! Who is asking: from a presented token to a caller (Spec: auth 1).

use crate::auth::token::{MalformedToken, ShortId, Token};
use crate::domain::api_key::ApiKey;
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::rbac::Subject;
use crate::storage::{Lookup, Records, Standing, StorageError, UpdateUserConflict};

use super::{CONTENTION_ATTEMPTS, Service};

/// Somebody who proved who he is.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account; active.
    pub user: User,
    /// The key presented.
    pub key: ApiKey,
    /// What roles, scopes and allow-list amount to.
    pub subject: Subject,
    /// The moment of the request.
    pub now: Timestamp,
    /// The client's address.
    pub ip_address: String,
}

impl Caller {
    /// The caller's standing, as a precondition of a write.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing::of(&self.user, &self.key, self.now)
    }
}

/// What to read in the round trip that authenticates.
#[derive(Clone, Default, Debug)]
pub struct Reads {
    /// Anything that the request names.
    pub lookups: Vec<Lookup>,
    /// All keys of the caller.
    pub own_keys: bool,
    /// Items of the caller: kinds that a short id leads to.
    pub own: Vec<fn(ShortId) -> Lookup>,
}

/// A command that names what must be read to decide on it.
pub trait NamesRecords {
    /// What it names.
    fn lookups(&self) -> Vec<Lookup>;
}

/// An authenticated request: who asks, and what was read along the way.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who asks.
    pub caller: Caller,
    /// What [`Reads::lookups`] brought.
    pub records: Records,
    /// What [`Reads::own_keys`] brought: keys that are still alive, whether expired or not.
    pub own_keys: Vec<ApiKey>,
    /// The use that is still to be written down; missing when none is due.
    pub due: Option<DueUse>,
}

/// A key that was used and a user that was seen, more than an hour after the last time (Spec: auth 1.4).
#[derive(Clone, Debug)]
pub struct DueUse {
    user: User,
    seen: User,
    key: ApiKey,
    touched: ApiKey,
}

/// Why a request is nobody's (Spec: auth 1.3).
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// No token was presented.
    #[error("no API key was presented")]
    Missing,
    /// What was presented is no token.
    #[error(transparent)]
    Malformed(#[from] MalformedToken),
    /// There is no such key, or no longer.
    #[error("the API key is not valid")]
    Unknown,
    /// The key exists, its secret is another.
    #[error("the secret of the API key is not right")]
    Secret,
    /// The key expired.
    #[error("the API key expired at {0}")]
    Expired(Timestamp),
    /// The account may not authenticate.
    #[error("the account is {}", .0.as_str())]
    NotActive(UserStatus),
    /// Storage could not tell.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Service {
    /// Authenticates a token and reads what the request names, in one round trip. A dormant account becomes active
    /// (one more). The status is looked at before anything is written (Deviation: auth 13).
    pub async fn authenticate(
        &self,
        token: Option<&str>,
        ip_address: &str,
        reads: &Reads,
    ) -> Result<Session, AuthenticateError> {
        let token = Token::parse(token.ok_or(AuthenticateError::Missing)?)?;
        // No key of this service has other characters: nothing to read.
        let owner = ShortId::of_key(&token.key_id).ok_or(AuthenticateError::Unknown)?;
        let (keys, records) = self.read_session(&token, &owner, reads).await?;
        let now = self.clock.now();
        let (Some(key), Some(user)) = (records.api_key(&token.key_id)?, records.owner_of_key(&token.key_id)?) else {
            return Err(AuthenticateError::Unknown);
        };
        if key.user_id != user.id || user.deleted || key.generation != user.key_generation {
            return Err(AuthenticateError::Unknown);
        }
        if !token.matches(&key.secret_hash) {
            return Err(AuthenticateError::Secret);
        }
        if key.is_expired(now) {
            return Err(AuthenticateError::Expired(key.expires_at));
        }
        let user = match user.status {
            UserStatus::Active => user,
            UserStatus::Dormant => self.awaken(user, now).await?,
            UserStatus::Suspended => return Err(AuthenticateError::NotActive(user.status)),
        };
        let own_keys = keys.into_iter().filter(|key| key.generation == user.key_generation).collect();
        Ok(self.session(user, key, now, ip_address, records, own_keys))
    }

    async fn read_session(
        &self,
        token: &Token,
        owner: &ShortId,
        reads: &Reads,
    ) -> Result<(Vec<ApiKey>, Records), StorageError> {
        let mut lookups = reads.lookups.clone();
        lookups.extend(reads.own.iter().map(|lookup| lookup(owner.clone())));
        if !reads.own_keys {
            lookups.push(Lookup::ApiKey(token.key_id.clone()));
            lookups.push(Lookup::OwnerOfKey(token.key_id.clone()));
            return Ok((Vec::new(), self.store.read(&lookups).await?));
        }
        // Side by side: one round trip.
        let (partition, named) = tokio::try_join!(self.store.keys_and_owner(owner), self.store.read(&lookups))?;
        Ok((partition.0, partition.1.merge(named)))
    }

    /// Makes a dormant account active because it was used; whoever else changed it meanwhile decides again.
    async fn awaken(&self, user: User, now: Timestamp) -> Result<User, AuthenticateError> {
        let mut user = user;
        for _ in 0..CONTENTION_ATTEMPTS {
            match user.status {
                UserStatus::Active => return Ok(user),
                UserStatus::Suspended => return Err(AuthenticateError::NotActive(user.status)),
                UserStatus::Dormant => {}
            }
            match self.store.update_user(&user, &user.clone().awakened(now), None).await {
                Ok(user) => return Ok(user),
                Err(UpdateUserConflict::Storage(StorageError::Contention)) => {
                    let read = self.store.lookup_user(user.id).await?;
                    user = read.filter(|user| !user.deleted).ok_or(AuthenticateError::Unknown)?;
                }
                Err(UpdateUserConflict::Storage(error)) => return Err(error.into()),
                // Waking up neither renames nor takes a role.
                Err(UpdateUserConflict::Username | UpdateUserConflict::LastOwner) => {
                    return Err(StorageError::Contention.into());
                }
            }
        }
        Err(StorageError::Contention.into())
    }

    fn session(
        &self,
        user: User,
        key: ApiKey,
        now: Timestamp,
        ip_address: &str,
        records: Records,
        mut own_keys: Vec<ApiKey>,
    ) -> Session {
        let touched = key.touched(now, ip_address, !self.config.disable_session_expiry_refresh);
        let (user, key, due) = match touched {
            None => (user, key, None),
            Some(touched) => {
                let seen = User { last_seen_at: now, updated_at: now, ..user.clone() };
                own_keys.iter_mut().filter(|own| own.id == touched.id).for_each(|own| own.clone_from(&touched));
                let due = DueUse { user, seen: seen.clone(), key, touched: touched.clone() };
                (seen, touched, Some(due))
            }
        };
        let subject = subject_of(&user, &key);
        Session {
            caller: Caller { user, key, subject, now, ip_address: ip_address.to_owned() },
            records,
            own_keys,
            due,
        }
    }

    /// Writes down a use. Somebody else's change of the record, or the end of the key, outranks it: the next request
    /// with the key tries again.
    pub async fn record_use(&self, due: DueUse) -> Result<(), StorageError> {
        match self.store.record_use((&due.user, &due.seen), (&due.key, &due.touched)).await {
            Ok(_) | Err(UpdateUserConflict::Storage(StorageError::Contention)) => Ok(()),
            Err(UpdateUserConflict::Storage(error)) => Err(error),
            Err(UpdateUserConflict::Username | UpdateUserConflict::LastOwner) => Err(StorageError::Contention),
        }
    }
}

/// What a key of a user may do.
fn subject_of(user: &User, key: &ApiKey) -> Subject {
    let organizations =
        user.memberships.iter().map(|membership| (membership.organization_id, membership.roles.as_slice()));
    Subject::new(user.id, &user.roles, organizations, user.is_service_account, &key.scopes, &key.allow_list)
}
