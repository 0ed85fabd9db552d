//! A caller's change of one user: read, decide, write under a condition, and decide again after a conflict.

use super::CONTENTION_ATTEMPTS;
use super::audit::AuditLog;
use super::session::Caller;
use crate::domain::audit::{AuditAction, AuditRow, AuditedChange};
use crate::domain::user::User;
use crate::storage::{StorageError, Store, UpdateUserConflict};

/// Changes users for callers, with optimistic locking.
#[derive(Clone)]
pub(crate) struct UserChanges {
    store: Store,
    audit: AuditLog,
}

impl UserChanges {
    pub(crate) fn new(store: Store, audit: AuditLog) -> Self {
        Self { store, audit }
    }

    /// Writes the user that `decide` makes of `target`. After a conflict, `decide` is asked again with the stored user. The
    /// change has a row in the audit log if `audited` names an action.
    pub(super) async fn apply<E: From<UpdateUserConflict>>(
        &self,
        caller: &Caller,
        target: User,
        audited: Option<AuditAction>,
        decide: impl Fn(&User) -> Result<User, E>,
    ) -> Result<User, E> {
        let mut target = target;
        for _ in 0..CONTENTION_ATTEMPTS {
            let successor = decide(&target)?;
            let row = audited.map(|action| AuditRow {
                changes: AuditedChange::of_user(Some(&target), &successor),
                ..self.audit.row_of_user(caller, &successor, action, 200)
            });
            match self.store.update_user(&target, &successor, Some(&caller.standing()), row.as_ref()).await {
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

/// Refuses a caller who changes their own user and lost rights since the request was authorized. The write replaces the
/// item that holds the rights, so its own condition checks only the item's version.
pub(super) fn check_authz_unchanged(caller: &Caller, target: &User) -> Result<(), StorageError> {
    let is_unchanged = target.id != caller.user.id || target.authz_version == caller.user.authz_version;
    if is_unchanged { Ok(()) } else { Err(StorageError::AuthzChanged) }
}
