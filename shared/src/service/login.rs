//! Signing in with a password, and signing out.

use super::audit::Audited;
use super::password_gate::{Attempt, LoginError};
use super::session::{Caller, Sessions};
use crate::auth::token::{ShortId, Token};
use crate::domain::api_key::{ApiKey, KeyType};
use crate::domain::audit::{AuditAction, AuditEntry, AuditedResource, Origin};
use crate::domain::names::{Email, fold_email};
use crate::domain::time::Timestamp;
use crate::rbac::{Action, Object, authorize};
use crate::storage::{ChangeKeyConflict, CreateKeyConflict, EmailClaim, Lookup, StorageError, Write};

/// A session that a login created.
#[derive(Clone, Debug)]
pub struct Login {
    /// The token of the session.
    pub token: Token,
    /// Whether another user chose the password.
    pub password_is_temporary: bool,
}

/// Why a logout did not end the session.
#[derive(Debug, thiserror::Error)]
pub enum LogoutError {
    /// The key's scope does not let it be deleted.
    #[error("the key may not delete keys")]
    Forbidden,
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// How often a login starts again because another write changed the user.
const LOGIN_ATTEMPTS: u32 = 4;

impl Sessions {
    /// Signs in: one read and one verification in every state of the user, and one transaction on success.
    pub async fn login(&self, email: &Email, password: &str, origin: &Origin) -> Result<Login, Audited<LoginError>> {
        let mut attempt = self.gate.begin_attempt(email.as_str(), origin).await?;
        let result = self.sign_in(email, password, &mut attempt).await;
        match result {
            Ok(login) => {
                self.gate.accept(&attempt);
                Ok(login)
            }
            Err(error) => Err(self.gate.refuse(&attempt, error)),
        }
    }

    async fn sign_in(&self, email: &Email, password: &str, attempt: &mut Attempt) -> Result<Login, LoginError> {
        let folded = fold_email(email.as_str());
        for _ in 0..LOGIN_ATTEMPTS {
            let (claim, rehash) = self.gate.check_credentials(password, attempt)?;
            let rehashed = rehash.then(|| self.hasher.hash(password, self.random.bytes())).transpose()?;
            let (token, key) = self.new_session(&claim, attempt);
            let entry = AuditEntry { resource_id: claim.user_id, ..attempt.success_entry(claim.user_id) };
            let mut write = Write::by_credential(entry);
            if let Some(dormant) = &claim.dormant {
                let active = dormant.as_ref().clone().activated(key.created_at);
                write = write.and(self.audit.entry_for_status(dormant, &active, key.created_at));
            }
            match self.store.start_session(&folded, &claim, &key, rehashed.as_ref(), &write).await {
                Ok(()) => return Ok(Login { token, password_is_temporary: claim.password_is_temporary }),
                // The user changed since the read, or the key id is taken: start again.
                Err(CreateKeyConflict::KeyId | CreateKeyConflict::Storage(StorageError::Contention)) => {
                    attempt.claim = self.store.read(&[Lookup::Email(folded.clone())]).await?.email(&folded)?;
                }
                Err(CreateKeyConflict::Storage(error)) => return Err(error.into()),
                Err(CreateKeyConflict::TokenName) => return Err(StorageError::Contention.into()),
            }
        }
        Err(StorageError::Contention.into())
    }

    fn new_session(&self, claim: &EmailClaim, attempt: &Attempt) -> (Token, ApiKey) {
        let now = attempt.entry.at;
        let token = Token::generate(&ShortId::of(claim.user_id), &self.random);
        let lifetime = self.policy.duration;
        let key = ApiKey {
            id: token.key_id.clone(),
            user_id: claim.user_id,
            key_type: KeyType::Password,
            token_name: String::new(),
            scopes: vec!["coder:all".to_owned()],
            allow_list: vec!["*:*".to_owned()],
            created_at: now,
            updated_at: now,
            last_used: Timestamp::EPOCH,
            expires_at: now.plus(lifetime),
            lifetime_seconds: lifetime.num_seconds(),
            ip_address: attempt.entry.origin.ip_address.clone(),
            generation: claim.key_generation,
            secret_hash: token.secret_hash(),
        };
        (token, key)
    }

    /// Deletes the presented key, and the user's keys that only connect to applications (docs/api/passwords.md#logout).
    ///
    /// Deviation (docs/api/deviations.md#logout-with-a-narrow-key): a key whose scope forbids it is refused with
    /// FORBIDDEN rather than an internal error.
    pub async fn logout(&self, caller: &Caller, own_keys: Vec<ApiKey>) -> Result<(), LogoutError> {
        if !authorize(&caller.subject, Action::Delete, &Object::api_key(caller.user.id)) {
            return Err(LogoutError::Forbidden);
        }
        let connects = |key: &ApiKey| key.scopes.iter().any(|scope| scope == "coder:application_connect");
        let others = own_keys.into_iter().filter(|key| key.id != caller.key.id && connects(key));
        let keys: Vec<ApiKey> = std::iter::once(caller.key.clone()).chain(others).collect();
        let entry = AuditEntry {
            resource: AuditedResource::ApiKey,
            target: caller.key.token_name.clone(),
            ..self.audit.entry_for_user(caller, &caller.user, AuditAction::Logout)
        };
        match self.store.delete_keys(&keys, &caller.write(entry)).await {
            // Another request ended the session at the same time.
            Ok(()) | Err(ChangeKeyConflict::Gone) => Ok(()),
            Err(ChangeKeyConflict::Storage(error)) => Err(error.into()),
        }
    }
}
