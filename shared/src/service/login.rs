//! Signing in with a password, and signing out.

use chrono::TimeDelta;

use super::Service;
use super::session::Session;
use crate::auth::password::{HashError, Verdict};
use crate::auth::token::{ShortId, Token};
use crate::domain::api_key::{ApiKey, KeyType};
use crate::domain::names::{Email, fold_email};
use crate::domain::time::Timestamp;
use crate::domain::user::{LoginType, UserStatus};
use crate::rbac::{Action, Object, authorize};
use crate::storage::{ChangeKeyConflict, CreateKeyConflict, EmailClaim, Lookup, StorageError};

/// A session that a login made.
#[derive(Clone, Debug)]
pub struct Login {
    /// Its token.
    pub token: Token,
    /// Somebody else chose the password.
    pub password_is_temporary: bool,
}

/// Why a login made no session (Spec: auth 2.1).
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Unknown address, no password, or a wrong one: indistinguishable.
    #[error("the e-mail address or the password is wrong")]
    Credentials,
    /// The deployment does not let anybody sign in with a password; only who knows one hears this.
    #[error("signing in with a password is switched off")]
    PasswordsDisabled,
    /// The account signs in another way; only who knows its password hears this.
    #[error("the account signs in with {}", .0.as_str())]
    LoginType(LoginType),
    /// The account may not sign in; only who knows its password hears this.
    #[error("the account is {}", .0.as_str())]
    NotActive(UserStatus),
    /// The stored hash cannot be used, or none can be made.
    #[error("the password cannot be verified")]
    Hash(#[from] HashError),
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
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

/// Logins that met another change of the account start over this often.
const LOGIN_ATTEMPTS: u32 = 4;

impl Service {
    /// Signs in: one read and one verification whatever the account's state, and one transaction on success.
    pub async fn login(&self, email: &Email, password: &str, ip_address: &str) -> Result<Login, LoginError> {
        let folded = fold_email(email.as_str());
        for _ in 0..LOGIN_ATTEMPTS {
            let (claim, rehash) = self.check_credentials(&folded, password).await?;
            let now = self.clock.now();
            let rehashed = rehash.then(|| self.hasher.hash(password, self.random.bytes())).transpose()?;
            let (token, key) = self.new_session(claim.user_id, claim.key_generation, now, ip_address);
            match self.store.start_session(&folded, &claim, &key, rehashed.as_ref(), now).await {
                Ok(()) => {
                    let password_is_temporary = claim.password_is_temporary;
                    return Ok(Login { token, password_is_temporary });
                }
                // The account changed since it was read, or the key id is taken: once more from the start.
                Err(CreateKeyConflict::KeyId | CreateKeyConflict::Storage(StorageError::Contention)) => {}
                Err(CreateKeyConflict::Storage(error)) => return Err(error.into()),
                Err(CreateKeyConflict::TokenName) => return Err(StorageError::Contention.into()),
            }
        }
        Err(StorageError::Contention.into())
    }

    /// The account with that folded address, provided that the password is its own and that it may sign in with one;
    /// and whether its hash is to be replaced by one of today's parameters (Spec: auth 2.1, rows 2 to 7). One read and
    /// one verification whatever the account's state.
    pub(super) async fn check_credentials(
        &self,
        folded_email: &str,
        password: &str,
    ) -> Result<(EmailClaim, bool), LoginError> {
        let claim = self.store.read(&[Lookup::Email(folded_email.to_owned())]).await?.email(folded_email)?;
        let stored = claim.as_ref().and_then(|claim| claim.password_hash.as_ref());
        let verdict = self.hasher.verify(password, stored)?;
        let (Some(claim), Verdict::Match { rehash }) = (claim, verdict) else {
            return Err(LoginError::Credentials);
        };
        if self.config.disable_password_auth {
            return Err(LoginError::PasswordsDisabled);
        }
        if claim.login_type != LoginType::Password {
            return Err(LoginError::LoginType(claim.login_type));
        }
        if claim.status == UserStatus::Suspended {
            return Err(LoginError::NotActive(claim.status));
        }
        Ok((claim, rehash))
    }

    fn new_session(&self, user_id: uuid::Uuid, generation: u64, now: Timestamp, ip_address: &str) -> (Token, ApiKey) {
        let token = Token::generate(&ShortId::of(user_id), &self.random);
        let lifetime = TimeDelta::from_std(self.config.session_duration).unwrap_or(TimeDelta::MAX);
        let key = ApiKey {
            id: token.key_id.clone(),
            user_id,
            key_type: KeyType::Password,
            token_name: String::new(),
            scopes: vec!["coder:all".to_owned()],
            allow_list: vec!["*:*".to_owned()],
            created_at: now,
            updated_at: now,
            last_used: Timestamp::EPOCH,
            expires_at: now.plus(lifetime),
            lifetime_seconds: lifetime.num_seconds(),
            ip_address: ip_address.to_owned(),
            generation,
            secret_hash: token.secret_hash(),
        };
        (token, key)
    }

    /// Ends the presented key, and the user's keys that only connect to applications (Spec: auth 2.2).
    ///
    /// Deviation: a key whose scope forbids it is refused with FORBIDDEN rather than an internal error.
    pub async fn logout(&self, session: Session) -> Result<(), LogoutError> {
        let caller = session.caller;
        if !authorize(&caller.subject, Action::Delete, &Object::api_key(caller.user.id)) {
            return Err(LogoutError::Forbidden);
        }
        let connects = |key: &ApiKey| key.scopes.iter().any(|scope| scope == "coder:application_connect");
        let others = session.own_keys.into_iter().filter(|key| key.id != caller.key.id && connects(key));
        let keys: Vec<ApiKey> = std::iter::once(caller.key.clone()).chain(others).collect();
        match self.store.delete_keys(&keys, &caller.standing()).await {
            // Somebody else ended the session at the same time: it is over.
            Ok(()) | Err(ChangeKeyConflict::Gone) => Ok(()),
            Err(ChangeKeyConflict::Storage(error)) => Err(error.into()),
        }
    }
}
