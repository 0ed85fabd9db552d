//! Verifies the passwords of logins and of conversion tickets. Each attempt is counted and audited first
//! (docs/decisions/0016). A change of a password verifies the old one itself and is bounded by the rate limit only.

use std::sync::Arc;

use uuid::Uuid;

use super::audit::{AuditLog, Audited, RefusalEntry};
use super::deferred::DeferredTasks;
use crate::auth::lockout::{Attempts, LockoutPolicy, Outcome};
use crate::auth::password::{HashError, Hasher, Verdict};
use crate::clock::Clock;
use crate::domain::audit::{AuditAction, AuditEntry, AuditedResource, Origin};
use crate::domain::names::fold_email;
use crate::domain::user::{LoginType, User, UserStatus};
use crate::storage::{CountedAttempt, EmailClaim, Lookup, StorageError, Store};

/// An attempt to sign in at an e-mail address. It is counted and audited; its password is not verified yet.
pub(super) struct Attempt {
    /// What a login reads of the user with that address, if there is one.
    pub(super) claim: Option<EmailClaim>,
    /// The counts that the attempt found.
    before: Attempts,
    counted: CountedAttempt,
    is_locked: bool,
    /// The audit entry of a refused attempt without a known user.
    pub(super) entry: AuditEntry,
}

impl Attempt {
    /// The audit entry of the attempt once its user is known.
    fn entry_for(&self, user_id: Uuid) -> AuditEntry {
        AuditEntry { actor: Some(user_id), attempted_email: String::new(), ..self.entry.clone() }
    }

    /// The audit entry of a successful attempt.
    pub(super) fn success_entry(&self, user_id: Uuid) -> AuditEntry {
        AuditEntry { status: self.entry.origin.success_status, ..self.entry_for(user_id) }
    }

    /// The audit entry of a refused attempt. That of an address without a user is written again unchanged; otherwise the
    /// work after the answer would tell the two apart.
    fn refusal_entry(&self) -> RefusalEntry {
        let entry = self.claim.as_ref().map_or_else(|| self.entry.clone(), |claim| self.entry_for(claim.user_id));
        RefusalEntry::stored(entry)
    }
}

/// Why a login made no session (docs/api/passwords.md#login).
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Unknown address, no password, or a wrong one: indistinguishable.
    #[error("the e-mail address or the password is wrong")]
    Credentials,
    /// No user signs in with a password in this deployment. Answered only to the correct password.
    #[error("signing in with a password is switched off")]
    PasswordsDisabled,
    /// The user signs in another way. Answered only to the correct password.
    #[error("the user signs in with {}", .0.as_str())]
    LoginType(LoginType),
    /// The user may not sign in. Answered only to the correct password.
    #[error("the user is {}", .0.as_str())]
    NotActive(UserStatus),
    /// The stored hash cannot be used, or none can be made.
    #[error("the password cannot be verified")]
    Hash(#[from] HashError),
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Verifies the passwords of logins and conversion tickets.
#[derive(Clone)]
pub(crate) struct PasswordGate {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) hasher: Arc<Hasher>,
    pub(crate) audit: AuditLog,
    pub(crate) deferred: DeferredTasks,
    pub(crate) policy: PasswordSignIn,
}

/// The settings of signing in with a password.
#[derive(Clone, Debug)]
pub(crate) struct PasswordSignIn {
    /// When an address is locked, and for how long.
    pub(crate) lockout: LockoutPolicy,
    /// Whether no user signs in with a password.
    pub(crate) is_disabled: bool,
}

impl PasswordGate {
    /// Verifies the password of a user outside of a login. The attempt counts like a login and is audited as a refused
    /// one. On success, the use case settles it with [`accept`](Self::accept).
    pub(super) async fn confirm(
        &self,
        user: &User,
        password: &str,
        origin: &Origin,
    ) -> Result<Attempt, Audited<LoginError>> {
        let attempt = self.begin_attempt(&user.email, origin).await?;
        match self.check_credentials(password, &attempt) {
            // After a deletion, another user may have the address.
            Ok((claim, _)) if claim.user_id != user.id => Err(self.refuse(&attempt, LoginError::Credentials)),
            Ok(_) => Ok(attempt),
            Err(error) => Err(self.refuse(&attempt, error)),
        }
    }

    /// Counts an attempt that succeeded, after the answer.
    pub(super) fn accept(&self, attempt: &Attempt) {
        self.settle(attempt, Outcome::Success);
    }

    /// Counts an attempt that was refused, after the answer. Attempts during a lockout are no failures, so they do not
    /// prolong it.
    pub(super) fn refuse(&self, attempt: &Attempt, error: LoginError) -> Audited<LoginError> {
        let is_wrong = matches!(error, LoginError::Credentials) && !attempt.is_locked;
        self.settle(attempt, if is_wrong { Outcome::Failure } else { Outcome::Undecided });
        Audited { error, entry: Some(attempt.refusal_entry()) }
    }

    /// The same write for every outcome, so that the work after the answer does not depend on it.
    fn settle(&self, attempt: &Attempt, outcome: Outcome) {
        let (store, counted, before) = (self.store.clone(), attempt.counted.clone(), attempt.before.clone());
        self.deferred.defer(async move {
            if let Err(error) = store.settle_attempt(&counted, &before, outcome).await {
                tracing::error!(error = &error as &dyn std::error::Error, "a login attempt was not settled");
            }
        });
    }

    /// Reads the user, counts the attempt and audits it as refused, concurrently: one round trip, the same for every
    /// address. After a crash, the attempt stays in flight until it counts as lost.
    pub(super) async fn begin_attempt(&self, email: &str, origin: &Origin) -> Result<Attempt, Audited<LoginError>> {
        let entry = AuditEntry {
            attempted_email: fold_email(email),
            status: AuditEntry::STATUS_UNANSWERED,
            ..self.audit.entry(self.clock.now(), origin, (AuditAction::Login, AuditedResource::ApiKey))
        };
        let begun = self.read_count_and_audit(&entry).await;
        begun.map_err(|error| Audited { error: error.into(), entry: Some(RefusalEntry::stored(entry)) })
    }

    async fn read_count_and_audit(&self, entry: &AuditEntry) -> Result<Attempt, StorageError> {
        let counted = CountedAttempt { folded_email: entry.attempted_email.clone(), begun: entry.at, id: entry.id };
        let lookups = [Lookup::Email(counted.folded_email.clone())];
        // All of them end, so that an attempt that was counted is settled.
        let calls = async {
            tokio::join!(
                self.store.read(&lookups),
                self.store.begin_attempt(&counted),
                self.store.put_audit_entry(entry),
            )
        };
        // Boxed: three concurrent calls of the SDK would make the future of every caller very large.
        let (records, before, audited) = Box::pin(calls).await;
        let before = before?;
        let is_locked = self.policy.lockout.is_locked(&before, counted.begun);
        let claim = audited.and(records).and_then(|records| records.email(&counted.folded_email));
        let attempt = Attempt { claim: None, before, counted, is_locked, entry: entry.clone() };
        match claim {
            Ok(claim) => Ok(Attempt { claim, ..attempt }),
            Err(error) => {
                self.settle(&attempt, Outcome::Undecided);
                Err(error)
            }
        }
    }

    /// Verifies the password once in every state of the user, so that a locked address, an unknown address and a
    /// wrong password cost the same. Returns the claim and whether the stored hash should be renewed.
    pub(super) fn check_credentials(
        &self,
        password: &str,
        attempt: &Attempt,
    ) -> Result<(EmailClaim, bool), LoginError> {
        let stored = attempt.claim.as_ref().and_then(|claim| claim.password_hash.as_ref());
        let verdict = self.hasher.verify(password, stored)?;
        let (Some(claim), Verdict::Match { rehash }, false) = (&attempt.claim, verdict, attempt.is_locked) else {
            return Err(LoginError::Credentials);
        };
        if self.policy.is_disabled {
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
}
