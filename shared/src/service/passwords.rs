//! Changing a password, by the user or by an administrator (docs/api/passwords.md#password-change).

use std::sync::Arc;

use super::CONTENTION_ATTEMPTS;
use super::audit::AuditLog;
use super::changes::check_authz_unchanged;
use super::session::Caller;
use crate::auth::password::{HashError, Hasher, PasswordHash, Verdict};
use crate::auth::password_policy::{self, WeakPassword};
use crate::auth::token::ShortId;
use crate::clock::Random;
use crate::domain::audit::{AuditAction, AuditEntry, AuditedChange};
use crate::domain::user::{LoginType, User};
use crate::rbac::{Action, Object, authorize};
use crate::storage::{Lookup, StorageError, Store, StoredPassword, UpdateUserConflict};

/// Another password, in the clear.
#[derive(Clone)]
pub struct PasswordChange {
    /// Required for one's own; checked whenever it is not empty.
    pub old: String,
    /// Not empty.
    pub new: String,
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The caller may not change the user's personal data: not even whether there is a password is told.
    #[error("no such user, or hidden")]
    Hidden,
    /// Only owners change the passwords of other owners.
    #[error("only users with the role owner change the password of another owner")]
    OwnersOnly,
    /// The user does not sign in with a password.
    #[error("the user signs in with {}, not with a password", .0.as_str())]
    LoginType(LoginType),
    /// One's own password is changed with the old one.
    #[error("the old password is required to change one's own")]
    OldRequired,
    /// The policy refuses the new one.
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    /// The old one is wrong.
    #[error("the old password is wrong")]
    WrongOld,
    /// The new one is the old one.
    #[error("the new password is the old one")]
    Same,
    /// The stored hash cannot be used, or none can be made.
    #[error("the password cannot be verified")]
    Hash(#[from] HashError),
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Changes of passwords by users and administrators.
pub struct Passwords {
    pub(crate) store: Store,
    pub(crate) random: Arc<Random>,
    pub(crate) hasher: Arc<Hasher>,
    pub(crate) audit: AuditLog,
}

impl Passwords {
    /// The checks that come before a look at the body.
    pub fn check_may_change(&self, caller: &Caller, target: &User) -> Result<(), ChangePasswordError> {
        if !authorize(&caller.subject, Action::UpdatePersonal, &Object::user(target.id)) {
            return Err(ChangePasswordError::Hidden);
        }
        if target.id != caller.user.id && target.is_owner() && !caller.user.is_owner() {
            return Err(ChangePasswordError::OwnersOnly);
        }
        Ok(())
    }

    /// Replaces a password and, in the same step, ends every session and token of the user, the caller's own included,
    /// and writes the entry that says so.
    pub async fn change(
        &self,
        caller: &Caller,
        target: User,
        change: &PasswordChange,
        stored: Option<StoredPassword>,
    ) -> Result<(), ChangePasswordError> {
        let entry = AuditEntry {
            changes: vec![AuditedChange::Secret("hashed_password")],
            ..self.audit.entry_for_user(caller, &target, AuditAction::Write)
        };
        self.check_may_change(caller, &target)?;
        if target.login_type != LoginType::Password {
            return Err(ChangePasswordError::LoginType(target.login_type));
        }
        let is_own = target.id == caller.user.id;
        if is_own && change.old.is_empty() {
            return Err(ChangePasswordError::OldRequired);
        }
        password_policy::check(&change.new)?;
        let (mut target, mut prefetched) = (target, stored);
        let mut hash = None;
        for _ in 0..CONTENTION_ATTEMPTS {
            self.check_may_change(caller, &target)?;
            let stored = match prefetched.take() {
                Some(stored) => Some(stored),
                // The path named the user by username.
                None => self.store.read(&[password_of(&target)]).await?.password(target.id)?,
            };
            // Another change came between the reads of the two items: look again at both.
            if stored.as_ref().is_none_or(|stored| stored.key_generation == target.key_generation) {
                self.check_passwords(change, stored.as_ref().map(|stored| &stored.hash))?;
                let new = match hash.take() {
                    Some(hash) => hash,
                    None => self.hasher.hash(&change.new, self.random.bytes())?,
                };
                let successor = target.clone().with_password(!is_own);
                match self.store.change_password(&target, &successor, &new, &caller.write(entry.clone())).await {
                    Ok(_) => return Ok(()),
                    Err(UpdateUserConflict::Storage(StorageError::Contention)) => hash = Some(new),
                    Err(UpdateUserConflict::Storage(error)) => return Err(error.into()),
                    // A password neither renames nor takes a role.
                    Err(UpdateUserConflict::Username | UpdateUserConflict::LastOwner) => {
                        return Err(StorageError::Contention.into());
                    }
                }
            }
            let records = self.store.read(&[Lookup::User(target.id), password_of(&target)]).await?;
            target = records.user(target.id)?.ok_or(StorageError::Contention)?;
            prefetched = records.password(target.id)?;
            check_authz_unchanged(caller, &target)?;
        }
        Err(StorageError::Contention.into())
    }

    fn check_passwords(
        &self,
        change: &PasswordChange,
        stored: Option<&PasswordHash>,
    ) -> Result<(), ChangePasswordError> {
        if !change.old.is_empty() && self.hasher.verify(&change.old, stored)? == Verdict::Mismatch {
            return Err(ChangePasswordError::WrongOld);
        }
        match self.hasher.verify(&change.new, stored)? {
            Verdict::Match { .. } => Err(ChangePasswordError::Same),
            Verdict::Mismatch => Ok(()),
        }
    }
}

fn password_of(user: &User) -> Lookup {
    Lookup::Password(ShortId::of(user.id))
}
