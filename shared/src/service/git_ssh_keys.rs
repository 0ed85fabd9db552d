//! Git SSH keys (docs/api/settings.md#git-ssh-key).

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::audit::AuditLog;
use super::session::Caller;
use crate::auth::git_ssh_key::{GitSshKey, KeyAlgorithm, KeyPairError};
use crate::auth::token::ShortId;
use crate::auth::vault::Vault;
use crate::clock::{Clock, Random};
use crate::domain::audit::{AuditAction, AuditEntry, AuditedChange, AuditedResource};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::rbac::{Action, Object, authorize};
use crate::storage::{Lookup, StorageError, Store, Unaudited};

/// Why a git SSH key is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum GitSshKeyError {
    /// The caller may not see or change the user's personal data.
    #[error("not permitted")]
    Forbidden,
    /// No pair could be made.
    #[error("no SSH key pair could be made")]
    KeyPair(#[from] KeyPairError),
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Generates git SSH keys of the configured algorithm.
#[derive(Clone)]
pub(crate) struct SshKeyGenerator {
    pub(crate) algorithm: KeyAlgorithm,
    pub(crate) vault: Arc<Vault>,
    pub(crate) random: Arc<Random>,
}

impl SshKeyGenerator {
    /// A key pair that is not stored yet.
    pub(super) fn generate(&self, user_id: Uuid, now: Timestamp) -> Result<GitSshKey, KeyPairError> {
        GitSshKey::generate(user_id, self.algorithm, now, &self.vault, &self.random)
    }
}

/// The git SSH key of each user.
pub struct GitSshKeys {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) audit: AuditLog,
    pub(crate) generator: SshKeyGenerator,
}

impl GitSshKeys {
    /// A user's key; made now should it be missing.
    pub async fn get(
        &self,
        caller: &Caller,
        target: &User,
        stored: Option<GitSshKey>,
    ) -> Result<GitSshKey, GitSshKeyError> {
        if !authorize(&caller.subject, Action::ReadPersonal, &Object::user(target.id)) {
            return Err(GitSshKeyError::Forbidden);
        }
        match self.stored(target, stored).await? {
            Some(key) => Ok(key),
            None => self.create_first(caller, target).await,
        }
    }

    /// Makes the first pair of a user. Of several concurrent requests, one stores its pair and all answer that pair.
    async fn create_first(&self, caller: &Caller, target: &User) -> Result<GitSshKey, GitSshKeyError> {
        let key = self.generator.generate(target.id, self.clock.now())?;
        if self.store.create_git_ssh_key(&key, &caller.unaudited_write(Unaudited::FirstGitSshKey)).await? {
            return Ok(key);
        }
        let stored = self.store.read(&[Lookup::GitSshKey(ShortId::of(target.id))]).await?.git_ssh_key(target.id)?;
        Ok(stored.ok_or(StorageError::Contention)?)
    }

    /// Replaces a user's key pair; the moment of the first pair stays.
    pub async fn regenerate(
        &self,
        caller: &Caller,
        target: &User,
        stored: Option<GitSshKey>,
    ) -> Result<GitSshKey, GitSshKeyError> {
        // The answer shows the key, so both permissions are asked for.
        let permitted = [Action::ReadPersonal, Action::UpdatePersonal]
            .into_iter()
            .all(|action| authorize(&caller.subject, action, &Object::user(target.id)));
        if !permitted {
            return Err(GitSshKeyError::Forbidden);
        }
        let old = self.stored(target, stored).await?;
        self.replace(caller, target, old).await
    }

    /// The key that was read along with the caller; read now if the path named the user by username.
    async fn stored(&self, target: &User, stored: Option<GitSshKey>) -> Result<Option<GitSshKey>, StorageError> {
        if stored.is_some() {
            return Ok(stored);
        }
        self.store.read(&[Lookup::GitSshKey(ShortId::of(target.id))]).await?.git_ssh_key(target.id)
    }

    async fn replace(
        &self,
        caller: &Caller,
        target: &User,
        old: Option<GitSshKey>,
    ) -> Result<GitSshKey, GitSshKeyError> {
        let mut key = self.generator.generate(target.id, self.clock.now())?;
        let mut replaced = String::new();
        let read = old.as_ref().map(|old| old.updated_at);
        if let Some(old) = old {
            key.created_at = old.created_at;
            // Later than before: the next replacement recognises this one by its moment.
            key.updated_at = key.updated_at.max(old.updated_at.plus(TimeDelta::microseconds(1)));
            replaced = old.public_key;
        }
        let change = AuditedChange::Value("public_key", json!(replaced), json!(key.public_key));
        let entry = AuditEntry {
            resource: AuditedResource::GitSshKey,
            target: key.public_key.clone(),
            changes: vec![change, AuditedChange::Secret("private_key")],
            ..self.audit.entry_for_user(caller, target, AuditAction::Write)
        };
        self.store.put_git_ssh_key(&key, read, &caller.write(entry)).await?;
        Ok(key)
    }
}
