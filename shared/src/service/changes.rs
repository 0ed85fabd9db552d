//! A caller's change of one user: read, decide, write under a condition, and decide again after a conflict.

use super::CONTENTION_ATTEMPTS;
use super::audit::AuditLog;
use super::session::Caller;
use crate::domain::audit::{AuditAction, AuditEntry, AuditedChange};
use crate::domain::user::User;
use crate::storage::{StorageError, Store, UpdateUserConflict};

/// Changes users for callers, with optimistic locking.
#[derive(Clone)]
pub(crate) struct UserChanges {
    pub(crate) store: Store,
    pub(crate) audit: AuditLog,
}

impl UserChanges {
    /// Writes the user that `decide` makes of `target`. After a conflict, `decide` is asked again with the stored user.
    pub(super) async fn apply<E: From<UpdateUserConflict>>(
        &self,
        caller: &Caller,
        target: User,
        action: AuditAction,
        decide: impl Fn(&User) -> Result<User, E>,
    ) -> Result<User, E> {
        let entry = |before: &User, after: &User| AuditEntry {
            changes: AuditedChange::of_user(Some(before), after),
            ..self.audit.entry_for_user(caller, after, action)
        };
        self.apply_with(caller, target, entry, decide).await
    }

    /// The same, with the audit entry that `entry` makes of the user before and after the change.
    pub(super) async fn apply_with<E: From<UpdateUserConflict>>(
        &self,
        caller: &Caller,
        target: User,
        entry: impl Fn(&User, &User) -> AuditEntry,
        decide: impl Fn(&User) -> Result<User, E>,
    ) -> Result<User, E> {
        let mut target = target;
        for _ in 0..CONTENTION_ATTEMPTS {
            let successor = decide(&target)?;
            let write = caller.write(entry(&target, &successor));
            match self.store.update_user(&target, &successor, &write).await {
                Err(UpdateUserConflict::Storage(StorageError::Contention)) => {
                    let read = self.store.lookup_user(target.id).await;
                    let read = read.map_err(|error| E::from(error.into()))?;
                    target = read.ok_or_else(|| E::from(StorageError::Contention.into()))?;
                    check_authz_unchanged(caller, &target).map_err(|error| E::from(error.into()))?;
                }
                result => return result.map_err(E::from),
            }
        }
        Err(E::from(StorageError::Contention.into()))
    }
}

/// Refuses a caller who changes their own user and lost rights since the request was authorized. The write reports
/// contention in that case, because the version of the user changed, too.
pub(super) fn check_authz_unchanged(caller: &Caller, target: &User) -> Result<(), StorageError> {
    let is_unchanged = target.id != caller.user.id || target.authz_version == caller.user.authz_version;
    if is_unchanged { Ok(()) } else { Err(StorageError::AuthzChanged) }
}
