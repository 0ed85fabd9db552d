//! Who is asking: from a presented token to a caller (docs/api/authentication.md).

use std::sync::Arc;

use chrono::TimeDelta;

use crate::auth::token::{MalformedToken, ShortId, Token};
use crate::domain::api_key::{ApiKey, Sliding};
use crate::domain::audit::{AuditEntry, Origin};
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::rbac::{Action, Object, ResourceType, Subject, authorize};
use crate::storage::{AuthzPrecondition, Lookup, Records, StorageError, Store, Unaudited, UpdateUserConflict, Write};

use super::CONTENTION_ATTEMPTS;
use super::audit::AuditLog;
use super::password_gate::PasswordGate;
use crate::auth::password::Hasher;
use crate::clock::{Clock, Random};

/// An authenticated user with the key of the request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user, who is active.
    pub user: User,
    /// The key presented.
    pub key: ApiKey,
    /// What roles, scopes and allow-list amount to.
    pub subject: Subject,
    /// The moment of the request.
    pub now: Timestamp,
    /// Where the request comes from.
    pub origin: Origin,
}

impl Caller {
    /// Whether the caller may read every user there is.
    pub fn reads_all_users(&self) -> bool {
        authorize(&self.subject, Action::Read, &Object::any(ResourceType::User))
    }

    /// Whether this request updates `last_seen_at` or activated the user: the stored record may be older.
    pub fn was_just_seen(&self) -> bool {
        self.user.last_seen_at >= self.now
    }

    /// A write by the caller, which is refused when the caller's permissions or key changed since they were read.
    pub fn write(&self, entry: AuditEntry) -> Write {
        Write::by_caller(self.precondition(), entry)
    }

    /// A write by the caller that the audit log does not track.
    pub fn unaudited_write(&self, reason: Unaudited) -> Write {
        Write::unaudited(self.precondition(), reason)
    }

    fn precondition(&self) -> AuthzPrecondition {
        AuthzPrecondition::of(&self.user, &self.key, self.now)
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

/// A command that names items of the table, which are read in the round trip that authenticates the caller.
pub trait Prefetch {
    /// What the table holds under those names.
    type Found;

    /// What must be read.
    fn lookups(&self) -> Vec<Lookup>;

    /// Takes the values out of what was read.
    fn found(&self, records: &Records) -> Result<Self::Found, StorageError>;
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
    pub due: Option<LastUsedUpdate>,
}

/// A key that was used and a user that was seen, more than an hour after the last time
/// (docs/api/authentication.md#bookkeeping-of-use).
#[derive(Clone, Debug)]
pub struct LastUsedUpdate {
    user: User,
    key: ApiKey,
    now: Timestamp,
    ip_address: String,
}

/// A valid token and its user (docs/api/authentication.md#order-of-checks), before the status is checked.
#[derive(Clone, Debug)]
pub struct VerifiedToken {
    /// The user, of any status.
    pub user: User,
    key: ApiKey,
    now: Timestamp,
    keys: Vec<ApiKey>,
    records: Records,
}

/// Why a request is not authenticated (docs/api/authentication.md#order-of-checks).
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
    /// The user may not authenticate.
    #[error("the user is {}", .0.as_str())]
    NotActive(UserStatus),
    /// Storage could not tell.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionPolicy {
    /// From the login, or from the use that extends the session.
    pub(crate) duration: TimeDelta,
    /// How far a use extends a session.
    pub(crate) sliding: Sliding,
}

/// Sessions: from a password to a token, and from a token to a caller.
pub struct Sessions {
    pub(crate) store: Store,
    pub(crate) random: Arc<Random>,
    pub(crate) hasher: Arc<Hasher>,
    pub(crate) audit: AuditLog,
    pub(crate) gate: PasswordGate,
    pub(crate) policy: SessionPolicy,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Sessions {
    /// Finds the user of a token and reads what the request names, in one round trip. Writes nothing.
    pub async fn verify_token(&self, token: Option<&str>, reads: &Reads) -> Result<VerifiedToken, AuthenticateError> {
        let token = Token::parse(token.ok_or(AuthenticateError::Missing)?)?;
        // No key of this service has other characters: nothing to read.
        let owner = ShortId::of_key(&token.key_id).ok_or(AuthenticateError::Unknown)?;
        let (keys, records) = self.read_session(&token, &owner, reads).await?;
        let now = self.clock.now();
        let (key, user) = live_key(&records, &token.key_id)?.ok_or(AuthenticateError::Unknown)?;
        if !token.matches(&key.secret_hash) {
            return Err(AuthenticateError::Secret);
        }
        if key.is_expired(now) {
            return Err(AuthenticateError::Expired(key.expires_at));
        }
        Ok(VerifiedToken { user, key, now, keys, records })
    }

    /// Accepts an active user. A dormant user becomes active, which costs one more round trip. The status is checked
    /// before anything is written (Deviation: docs/api/deviations.md#status-before-bookkeeping).
    pub async fn require_active(&self, verified: VerifiedToken, origin: Origin) -> Result<Session, AuthenticateError> {
        let VerifiedToken { user, key, now, keys, records } = verified;
        let user = match user.status {
            UserStatus::Active => user,
            UserStatus::Dormant => self.activate_dormant(user, now).await?,
            UserStatus::Suspended => return Err(AuthenticateError::NotActive(user.status)),
        };
        let own_keys = keys.into_iter().filter(|key| key.generation == user.key_generation).collect();
        Ok(self.session(user, key, now, origin, records, own_keys))
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

    /// Activates a dormant user who uses a key. After a concurrent change, the new status decides.
    async fn activate_dormant(&self, user: User, now: Timestamp) -> Result<User, AuthenticateError> {
        let mut user = user;
        for _ in 0..CONTENTION_ATTEMPTS {
            match user.status {
                UserStatus::Active => return Ok(user),
                UserStatus::Suspended => return Err(AuthenticateError::NotActive(user.status)),
                UserStatus::Dormant => {}
            }
            let active = user.clone().activated(now);
            let write = Write::by_job(self.audit.entry_for_status(&user, &active, now));
            match self.store.update_user(&user, &active, &write).await {
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
        origin: Origin,
        records: Records,
        mut own_keys: Vec<ApiKey>,
    ) -> Session {
        let (user, key, due) = match key.touched(now, &origin.ip_address, self.policy.sliding) {
            None => (user, key, None),
            Some(touched) => {
                own_keys.iter_mut().filter(|own| own.id == touched.id).for_each(|own| own.clone_from(&touched));
                let seen = seen_at(&user, now);
                (seen, touched, Some(LastUsedUpdate { user, key, now, ip_address: origin.ip_address.clone() }))
            }
        };
        let subject = subject_of(&user, &key);
        Session { caller: Caller { user, key, subject, now, origin }, records, own_keys, due }
    }

    /// Stores the use of a key, at most once an hour for each key. If several processes try, the first one wins. A
    /// concurrent change of the user is kept, and the use is stored with it.
    pub async fn update_last_used(&self, due: LastUsedUpdate) -> Result<(), StorageError> {
        let LastUsedUpdate { mut user, mut key, now, ip_address } = due;
        for _ in 0..CONTENTION_ATTEMPTS {
            let Some(touched) = key.touched(now, &ip_address, self.policy.sliding) else { return Ok(()) };
            match self.store.update_last_used((&user, &seen_at(&user, now)), (&key, &touched)).await {
                Err(StorageError::Contention) => {}
                result => return result,
            }
            let place = [Lookup::ApiKey(key.id.clone()), Lookup::OwnerOfKey(key.id.clone())];
            let Some(found) = live_key(&self.store.read(&place).await?, &key.id)? else { return Ok(()) };
            (key, user) = found;
        }
        Err(StorageError::Contention)
    }
}

/// A key that lives, expired or not, with its user, from records that hold both.
fn live_key(records: &Records, key_id: &str) -> Result<Option<(ApiKey, User)>, StorageError> {
    let found = records.api_key(key_id)?.zip(records.owner_of_key(key_id)?);
    Ok(found.filter(|(key, user)| key.user_id == user.id && !user.deleted && key.generation == user.key_generation))
}

/// A user who was seen at that moment, or later.
fn seen_at(user: &User, now: Timestamp) -> User {
    User { last_seen_at: user.last_seen_at.max(now), updated_at: user.updated_at.max(now), ..user.clone() }
}

/// What a key of a user may do.
fn subject_of(user: &User, key: &ApiKey) -> Subject {
    let organizations =
        user.memberships.iter().map(|membership| (membership.organization_id, membership.roles.as_slice()));
    Subject::new(user.id, &user.roles, organizations, user.is_service_account, &key.scopes, &key.allow_list)
}
