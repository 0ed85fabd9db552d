//! API keys and named tokens: listed, read, expired and deleted (docs/api/api-keys.md). Making one has a file of its own.

mod create;

use std::sync::Arc;
use std::time::Duration;

pub use self::create::{CreateKeyError, NewToken};

use chrono::TimeDelta;
use serde_json::json;

use super::audit::AuditLog;
use super::session::Caller;
use crate::auth::token::ShortId;
use crate::clock::{Clock, Random};
use crate::domain::api_key::{ApiKey, KeyType};
use crate::domain::audit::{AuditAction, AuditEntry, AuditedChange};
use crate::domain::user::User;
use crate::rbac::{Action, Object, authorize};
use crate::storage::{ChangeKeyConflict, Lookup, StorageError, Store};

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
    /// Those of all users that the caller may read.
    pub include_all: bool,
    /// Expired ones too.
    pub include_expired: bool,
}

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
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<Random>,
    pub(crate) lifetimes: TokenLifetimes,
    pub(crate) audit: AuditLog,
}

impl ApiKeys {
    /// The longest lifetime a token of this user may have. Owners have a bound of their own
    /// (docs/api/api-keys.md#lifetimes).
    pub fn max_lifetime(&self, target: &User) -> Duration {
        if target.is_owner() { self.lifetimes.max_admin } else { self.lifetimes.max }
    }

    /// The tokens of a user, or of all users, that the caller may read; by creation (Deviation:
    /// docs/api/deviations.md#order-of-tokens).
    pub async fn list_tokens(
        &self,
        caller: &Caller,
        target: &User,
        listing: TokenListing,
        own_keys: Vec<ApiKey>,
    ) -> Result<Vec<ListedToken>, StorageError> {
        let others = Object::any(crate::rbac::ResourceType::ApiKey);
        // A caller who may not read the keys of others gets their own.
        let of_all_users = listing.include_all && authorize(&caller.subject, Action::Read, &others);
        let mut tokens = if of_all_users {
            self.tokens_of_all_users().await?
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

    async fn tokens_of_all_users(&self) -> Result<Vec<ListedToken>, StorageError> {
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

    /// The key of a user that has this exact name, session or token.
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
        let write = caller.write(self.audit.entry_for_key(caller, &key, AuditAction::Delete));
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
            .write(AuditEntry { changes: vec![change], ..self.audit.entry_for_key(caller, &key, AuditAction::Write) });
        Ok(self.store.expire_key(&key, ended, &write).await?)
    }
}

fn is_alive(key: &ApiKey, owner: &User) -> bool {
    !owner.deleted && key.generation == owner.key_generation && key.user_id == owner.id
}
