//! Signing in with a password, and signing out.

use chrono::TimeDelta;
use uuid::Uuid;

use super::Service;
use super::session::Caller;
use crate::auth::lockout::{LockoutPolicy, shared_address};
use crate::auth::password::{HashError, Verdict};
use crate::auth::token::{ShortId, Token};
use crate::domain::api_key::{ApiKey, KeyType};
use crate::domain::audit::{AuditAction, AuditRow, AuditedResource, Origin};
use crate::domain::names::{Email, fold_email};
use crate::domain::time::Timestamp;
use crate::domain::user::{LoginType, User, UserStatus};
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

/// A password that somebody tries at an address, before it is looked at.
struct Attempt {
    claim: Option<EmailClaim>,
    is_locked: bool,
    /// Says that the attempt was refused, by nobody known.
    row: AuditRow,
}

impl Attempt {
    /// The row of the attempt, made by the owner of an account.
    fn row_of(&self, account: Uuid) -> AuditRow {
        AuditRow { actor: Some(account), attempted_email: String::new(), ..self.row.clone() }
    }
}

/// Why a login made no session (docs/api/passwords.md#login).
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
    pub async fn login(&self, email: &Email, password: &str, origin: &Origin) -> Result<Login, LoginError> {
        let mut attempt = self.begin_attempt(email.as_str(), origin).await?;
        let result = self.sign_in(email, password, &mut attempt).await;
        if let Err(error) = &result {
            self.note_refusal(&attempt, error);
        }
        result
    }

    async fn sign_in(&self, email: &Email, password: &str, attempt: &mut Attempt) -> Result<Login, LoginError> {
        let folded = fold_email(email.as_str());
        for _ in 0..LOGIN_ATTEMPTS {
            let (claim, rehash) = self.check_credentials(password, attempt)?;
            let rehashed = rehash.then(|| self.hasher.hash(password, self.random.bytes())).transpose()?;
            let (token, key) = self.new_session(&claim, attempt);
            let row = AuditRow { resource_id: claim.user_id, status: 201, ..attempt.row_of(claim.user_id) };
            match self.store.start_session(&folded, &claim, &key, rehashed.as_ref(), &row).await {
                Ok(()) => return Ok(Login { token, password_is_temporary: claim.password_is_temporary }),
                // The account changed since it was read, or the key id is taken: once more from the start.
                Err(CreateKeyConflict::KeyId | CreateKeyConflict::Storage(StorageError::Contention)) => {
                    attempt.claim = self.store.read(&[Lookup::Email(folded.clone())]).await?.email(&folded)?;
                }
                Err(CreateKeyConflict::Storage(error)) => return Err(error.into()),
                Err(CreateKeyConflict::TokenName) => return Err(StorageError::Contention.into()),
            }
        }
        Err(StorageError::Contention.into())
    }

    /// Checks the password of an account outside of a login. It counts like a login and is written down as a refused one;
    /// whoever goes on settles the count and the row, of which the latter is returned, with [`Store::settle_attempt`].
    ///
    /// [`Store::settle_attempt`]: crate::storage::Store::settle_attempt
    pub(super) async fn confirm_password(
        &self,
        user: &User,
        password: &str,
        origin: &Origin,
    ) -> Result<AuditRow, LoginError> {
        let attempt = self.begin_attempt(&user.email, origin).await?;
        let result = match self.check_credentials(password, &attempt) {
            // The address of a deleted account may be somebody else's by now.
            Ok((claim, _)) if claim.user_id != user.id => Err(LoginError::Credentials),
            Ok(_) => Ok(attempt.row_of(user.id)),
            Err(error) => Err(error),
        };
        if let Err(error) = &result {
            self.note_refusal(&attempt, error);
        }
        result
    }

    /// Reads the account, counts the attempt and writes it down as a refused one, side by side: one round trip, the same
    /// for every address. What succeeds replaces the row and forgets the count; what crashes was an attempt all the same.
    async fn begin_attempt(&self, email: &str, origin: &Origin) -> Result<Attempt, StorageError> {
        let (folded, shared) = (fold_email(email), shared_address(email));
        let now = self.clock.now();
        let row = AuditRow {
            attempted_email: folded.clone(),
            ..self.audit.row(now, origin, (AuditAction::Login, AuditedResource::ApiKey), 401)
        };
        let lookups = [Lookup::Email(folded.clone())];
        let calls = async {
            tokio::try_join!(
                self.store.read(&lookups),
                self.store.count_attempt(&shared, now, LockoutPolicy::forgets_at(now)),
                self.store.put_audit_row(&row),
            )
        };
        // On the heap: three calls of the SDK at once would make the future of every caller huge.
        let (records, before, ()) = Box::pin(calls).await?;
        if LockoutPolicy::begins_anew(&before, now) {
            let store = self.store.clone();
            self.deferred.defer(async move {
                if let Err(error) = store.restart_attempts(&shared, now).await {
                    tracing::error!(error = &error as &dyn std::error::Error, "forgotten attempts are still counted");
                }
            });
        }
        let is_locked = self.config.lockout.is_locked(&before, now);
        Ok(Attempt { claim: records.email(&folded)?, is_locked, row })
    }

    /// One verification, whatever the account's state; nothing but it tells a locked account from a wrong password.
    fn check_credentials(&self, password: &str, attempt: &Attempt) -> Result<(EmailClaim, bool), LoginError> {
        let stored = attempt.claim.as_ref().and_then(|claim| claim.password_hash.as_ref());
        let verdict = self.hasher.verify(password, stored)?;
        let (Some(claim), Verdict::Match { rehash }, false) = (&attempt.claim, verdict, attempt.is_locked) else {
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
        Ok((claim.clone(), rehash))
    }

    /// Completes the row of a refused attempt once the answer has left: whose account it was, and how it was answered.
    /// The row of an address that nobody has is written again as it is: a process that is busy for longer after some
    /// answers than after others would tell them apart.
    fn note_refusal(&self, attempt: &Attempt, error: &LoginError) {
        let status = match error {
            LoginError::Credentials | LoginError::NotActive(_) => 401,
            LoginError::PasswordsDisabled | LoginError::LoginType(_) => 403,
            LoginError::Hash(_) => 500,
            LoginError::Storage(_) => 503,
        };
        let row = attempt.claim.as_ref().map_or_else(|| attempt.row.clone(), |claim| attempt.row_of(claim.user_id));
        let row = AuditRow { status, ..row };
        self.audit.defer(row);
    }

    fn new_session(&self, claim: &EmailClaim, attempt: &Attempt) -> (Token, ApiKey) {
        let now = attempt.row.at;
        let token = Token::generate(&ShortId::of(claim.user_id), &self.random);
        let lifetime = TimeDelta::from_std(self.config.session_duration).unwrap_or(TimeDelta::MAX);
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
            ip_address: attempt.row.origin.ip_address.clone(),
            generation: claim.key_generation,
            secret_hash: token.secret_hash(),
        };
        (token, key)
    }

    /// Ends the presented key, and the user's keys that only connect to applications (docs/api/passwords.md#logout).
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
        let row = AuditRow {
            resource: AuditedResource::ApiKey,
            target: caller.key.token_name.clone(),
            ..self.audit.row_of_user(caller, &caller.user, AuditAction::Logout, 200)
        };
        match self.store.delete_keys(&keys, &caller.standing(), Some(&row)).await {
            // Somebody else ended the session at the same time: it is over.
            Ok(()) | Err(ChangeKeyConflict::Gone) => Ok(()),
            Err(ChangeKeyConflict::Storage(error)) => Err(error.into()),
        }
    }
}
