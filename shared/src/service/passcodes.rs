//! Forgotten passwords: a passcode by mail, and the change that it is good for (docs/api/passwords.md#passcode-request,
//! docs/api/passwords.md#passcode-redemption).

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use uuid::Uuid;

use super::CONTENTION_ATTEMPTS;
use super::audit::{AuditLog, Audited, RefusalEntry};
use super::outbox::MessageSealer;
use crate::auth::passcode::Passcode;
use crate::auth::password::{HashError, Hasher, Verdict};
use crate::auth::password_policy::{self, WeakPassword};
use crate::clock::{Clock, Random};
use crate::domain::audit::{AuditAction, AuditEntry, AuditedChange, AuditedResource, Origin};
use crate::domain::names::{Email, fold_email};
use crate::domain::user::LoginType;
use crate::notifications::Mail;
use crate::notifications::messages::MessageError;
use crate::storage::{EmailClaim, Lookup, RedeemConflict, StorageError, Store, StoredPasscode, Write};

/// A new password and the passcode from the mail.
#[derive(Clone)]
pub struct PasscodeRedemption {
    /// The address of the user.
    pub email: Email,
    /// In the clear.
    pub password: String,
    /// What the mail said.
    pub passcode: Passcode,
}

/// No user signs in with a password in this deployment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("signing in with a password is switched off")]
pub struct PasswordsDisabled;

/// Why no passcode was sent.
#[derive(Debug, thiserror::Error)]
pub enum RequestPasscodeError {
    /// No user signs in with a password.
    #[error(transparent)]
    PasswordsDisabled(#[from] PasswordsDisabled),
    /// The mail cannot be written.
    #[error("the mail cannot be written")]
    Mail(#[from] MessageError),
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a passcode changed no password.
#[derive(Debug, thiserror::Error)]
pub enum RedeemPasscodeError {
    /// No user signs in with a password.
    #[error(transparent)]
    PasswordsDisabled(#[from] PasswordsDisabled),
    /// The policy refuses the new password.
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    /// Unknown address, no passcode, another one, or one that is too old: indistinguishable.
    #[error("the e-mail address or the passcode is wrong, or the passcode is too old")]
    Refused,
    /// The new password is the old one; the passcode stays good.
    #[error("the new password is the old one")]
    Same,
    /// The stored hash cannot be used, or none can be made.
    #[error("the password cannot be verified")]
    Hash(#[from] HashError),
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// How passcodes are issued.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PasscodePolicy {
    /// How long a passcode is valid.
    pub(crate) lifetime: Duration,
    /// Whether no user signs in with a password.
    pub(crate) is_disabled: bool,
}

/// One-time passcodes for forgotten passwords.
pub struct Passcodes {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<Random>,
    pub(crate) hasher: Arc<Hasher>,
    pub(crate) audit: AuditLog,
    pub(crate) messages: MessageSealer,
    pub(crate) policy: PasscodePolicy,
}

impl Passcodes {
    /// Stores a passcode for the address and writes its mail into the outbox. An address without a user, and a user who
    /// does not sign in with a password, take the same steps, so that the answer does not tell them apart: the stored
    /// passcode belongs to no user, and the message is never sent.
    pub async fn request(&self, email: &Email, origin: &Origin) -> Result<(), RequestPasscodeError> {
        self.check_enabled()?;
        let folded = fold_email(email.as_str());
        let claim = self.store.read(&[Lookup::Email(folded.clone())]).await?.email(&folded)?;
        let now = self.clock.now();
        let lifetime = TimeDelta::from_std(self.policy.lifetime).unwrap_or(TimeDelta::MAX);
        let expires_at = now.plus(lifetime);
        let (passcode, no_user) = (self.random.uuid(), self.random.uuid());
        let resettable = claim.as_ref().filter(|claim| claim.login_type == LoginType::Password);
        let stored = StoredPasscode {
            user_id: resettable.map_or(no_user, |claim| claim.user_id),
            key_generation: resettable.map_or(0, |claim| claim.key_generation),
            hash: Passcode::of(passcode).hash(),
            expires_at,
        };
        // To the address that the user was created with. Another address that compares equal may belong to another person.
        let mail = resettable.map(|claim| Mail::OneTimePasscode {
            to: claim.email.clone(),
            name: claim.greeting.clone(),
            passcode,
        });
        let message = self.messages.seal(mail.as_ref(), now, expires_at)?;
        let what = (AuditAction::RequestPasswordReset, AuditedResource::User);
        let entry = about_account(self.audit.entry(now, origin, what), claim.as_ref(), &folded);
        let write = Write::by_credential(entry).sending(message);
        Ok(self.store.request_passcode(&folded, &stored, &write).await?)
    }

    /// Changes a password by a passcode, once, and ends every session and token of the user. Creates no session.
    pub async fn redeem(
        &self,
        redemption: &PasscodeRedemption,
        origin: &Origin,
    ) -> Result<(), Audited<RedeemPasscodeError>> {
        let mut entry = None;
        let result = self.change_password(redemption, origin, &mut entry).await;
        result.map_err(|error| Audited { error, entry: entry.map(RefusalEntry::new) })
    }

    /// Sets `entry` as soon as the attempt is tracked.
    async fn change_password(
        &self,
        redemption: &PasscodeRedemption,
        origin: &Origin,
        entry: &mut Option<AuditEntry>,
    ) -> Result<(), RedeemPasscodeError> {
        self.check_enabled()?;
        password_policy::check(&redemption.password)?;
        let folded = fold_email(redemption.email.as_str());
        let now = self.clock.now();
        let what = (AuditAction::Write, AuditedResource::User);
        let attempt = self.audit.entry(now, origin, what);
        for _ in 0..CONTENTION_ATTEMPTS {
            let lookups = [Lookup::Email(folded.clone()), Lookup::Passcode(folded.clone())];
            let records = self.store.read(&lookups).await?;
            let (claim, stored) = (records.email(&folded)?, records.passcode(&folded)?);
            let attempt = about_account(attempt.clone(), claim.as_ref(), &folded);
            *entry = Some(attempt.clone());
            let good = claim.as_ref().zip(stored.as_ref()).filter(|(claim, stored)| {
                stored.user_id == claim.user_id
                    && stored.key_generation == claim.key_generation
                    && now <= stored.expires_at
                    && redemption.passcode.matches(&stored.hash)
            });
            let Some((claim, stored)) = good else {
                return Err(RedeemPasscodeError::Refused);
            };
            if self.hasher.verify(&redemption.password, claim.password_hash.as_ref())? != Verdict::Mismatch {
                return Err(RedeemPasscodeError::Same);
            }
            let hash = self.hasher.hash(&redemption.password, self.random.bytes())?;
            let changed = AuditEntry { changes: vec![AuditedChange::Secret("hashed_password")], ..attempt };
            match self.store.redeem_passcode(&folded, (claim, stored), &hash, &Write::by_credential(changed)).await {
                Ok(()) => return Ok(()),
                Err(RedeemConflict::Passcode) => return Err(RedeemPasscodeError::Refused),
                // The user changed since the read: start again.
                Err(RedeemConflict::Storage(StorageError::Contention)) => {}
                Err(RedeemConflict::Storage(error)) => return Err(error.into()),
            }
        }
        Err(StorageError::Contention.into())
    }

    /// How long a passcode is valid.
    pub fn lifetime(&self) -> Duration {
        self.policy.lifetime
    }

    /// The check that comes before a look at the body.
    pub fn check_enabled(&self) -> Result<(), PasswordsDisabled> {
        if self.policy.is_disabled { Err(PasswordsDisabled) } else { Ok(()) }
    }
}

/// Adds the user of a request to an entry, or the address if there is no user with it.
fn about_account(entry: AuditEntry, claim: Option<&EmailClaim>, folded_email: &str) -> AuditEntry {
    match claim {
        Some(claim) => AuditEntry {
            resource_id: claim.user_id,
            target: claim.username.clone(),
            actor: Some(claim.user_id),
            ..entry
        },
        None => AuditEntry { resource_id: Uuid::nil(), attempted_email: folded_email.to_owned(), ..entry },
    }
}
