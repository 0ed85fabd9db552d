//! Users: change and delete. Creation has a file of its own; the list is in `user_search`.

pub mod create;

use std::sync::Arc;

use uuid::Uuid;

use super::audit::AuditLog;
use super::changes::UserChanges;
use super::session::Caller;
use super::target::TargetError;
use super::user_creator::UserCreator;
use crate::clock::{Clock, Random};
use crate::domain::audit::AuditAction;
use crate::domain::names::{RealName, Username, excerpt};
use crate::domain::user::{LoginType, SYSTEM_USERNAME, User, UserStatus};
use crate::rbac::{Action, Object, ResourceType, SiteRole, authorize, may_assign};
use crate::storage::{Lookup, StorageError, Store, UpdateUserConflict};

/// Why a user was not changed or not shown.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// No such user, or hidden, or what is asked is hidden.
    #[error("no such user, or hidden")]
    Hidden,
    /// The caller may see the user and not do this.
    #[error("not permitted")]
    Forbidden,
    /// Callers may not delete themselves.
    #[error("you cannot delete yourself; ask another administrator")]
    DeletesOneself,
    /// Callers may not suspend themselves.
    #[error("you cannot suspend yourself; ask another administrator")]
    SuspendsOneself,
    /// Owners cannot be suspended.
    #[error("users with the role owner cannot be suspended")]
    SuspendsOwner,
    /// Callers may not change their own roles.
    #[error("you cannot change your own roles; ask another administrator")]
    OwnRoles,
    /// There is no site role of that name.
    #[error("there is no site role {0:?}")]
    UnknownRole(String),
    /// The caller may not grant or take this role.
    #[error("you may not assign or remove the role {0}")]
    NotAssignable(String),
    /// Another user has the username.
    #[error("the username is taken")]
    UsernameTaken,
    /// No user would hold the role owner.
    #[error("the last owner cannot be removed")]
    LastOwner,
    /// The login type of another user.
    #[error("you may only read your own login type")]
    LoginTypeOfAnother,
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<UpdateUserConflict> for UserError {
    fn from(conflict: UpdateUserConflict) -> Self {
        match conflict {
            UpdateUserConflict::Username => Self::UsernameTaken,
            UpdateUserConflict::LastOwner => Self::LastOwner,
            UpdateUserConflict::Storage(error) => Self::Storage(error),
        }
    }
}

impl From<TargetError> for UserError {
    fn from(error: TargetError) -> Self {
        match error {
            TargetError::Hidden => Self::Hidden,
            TargetError::Storage(error) => Self::Storage(error),
        }
    }
}

/// The three values that a profile update replaces.
#[derive(Clone, Debug)]
pub struct ProfileChange {
    /// The present one to keep it.
    pub username: Username,
    /// Empty clears it.
    pub name: RealName,
    /// Empty clears it; not looked at for users whose avatar comes from a provider.
    pub avatar_url: String,
}

/// Explicit roles by organization, as the caller may see them.
pub type OrganizationRoles = Vec<(Uuid, Vec<String>)>;

/// Users: created, changed and deleted.
pub struct Users {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<Random>,
    pub(crate) audit: AuditLog,
    pub(crate) changes: UserChanges,
    pub(crate) creator: UserCreator,
    pub(crate) passwords_are_disabled: bool,
}

impl Users {
    /// The site roles that can be given, and whether the caller may give each; the implied one is left out.
    pub fn site_roles(&self, caller: &Caller) -> Result<Vec<(SiteRole, bool)>, UserError> {
        if !authorize(&caller.subject, Action::Read, &Object::assign_role()) {
            return Err(UserError::Forbidden);
        }
        let roles = SiteRole::ALL.iter().filter(|role| **role != SiteRole::Member);
        Ok(roles.map(|role| (*role, may_assign(&caller.subject, *role))).collect())
    }

    /// Deletes a user: in one step the keys and the password are dead, the names free and the memberships gone. The record
    /// stays readable by id, and so do the SSH key and the settings.
    pub async fn delete(&self, caller: &Caller, target: User) -> Result<(), UserError> {
        if target.id == caller.user.id {
            return Err(UserError::DeletesOneself);
        }
        if !authorize(&caller.subject, Action::Delete, &Object::user(target.id)) {
            return Err(UserError::Forbidden);
        }
        if target.deleted {
            self.audit.put(self.audit.entry_for_user(caller, &target, AuditAction::Delete)).await;
            return Ok(());
        }
        self.changes
            .apply(caller, target, AuditAction::Delete, |user| Ok::<_, UserError>(user.clone().deleted()))
            .await?;
        Ok(())
    }

    /// Replaces username, real name and avatar (docs/api/users.md#profile).
    pub async fn update_profile(
        &self,
        caller: &Caller,
        target: User,
        change: &ProfileChange,
    ) -> Result<User, UserError> {
        let now = self.clock.now();
        let object = Object::user(target.id);
        // A deleted user reserves no name, so another user may have it.
        let is_held = target.deleted && self.holder_of(&change.username).await?.is_some();
        self.changes
            .apply(caller, target, AuditAction::Write, |user| {
                // A change of case counts. Even for themselves, only callers who may change users do it.
                if change.username.as_str() != user.username {
                    if !authorize(&caller.subject, Action::Update, &object) {
                        return Err(UserError::Hidden);
                    }
                    if change.username.folded() == SYSTEM_USERNAME {
                        return Err(UserError::UsernameTaken);
                    }
                }
                if is_held {
                    return Err(UserError::UsernameTaken);
                }
                if !authorize(&caller.subject, Action::UpdatePersonal, &object) {
                    return Err(UserError::Forbidden);
                }
                let owns_avatar = matches!(user.login_type, LoginType::Password | LoginType::None);
                Ok(User {
                    username: change.username.as_str().to_owned(),
                    name: change.name.as_str().to_owned(),
                    avatar_url: if owns_avatar { change.avatar_url.clone() } else { user.avatar_url.clone() },
                    updated_at: now,
                    ..user.clone()
                })
            })
            .await
    }

    /// Who has a username and is not deleted.
    async fn holder_of(&self, username: &Username) -> Result<Option<User>, StorageError> {
        let name = username.folded();
        self.store.read(&[Lookup::Username(name.clone())]).await?.username(&name)
    }

    /// Suspends a user; repeating it succeeds. Keys are kept and refused while the suspension lasts.
    pub async fn suspend(&self, caller: &Caller, target: User) -> Result<User, UserError> {
        if target.id == caller.user.id {
            return Err(UserError::SuspendsOneself);
        }
        self.changes
            .apply(caller, target, AuditAction::Write, |user| {
                if user.is_owner() {
                    return Err(UserError::SuspendsOwner);
                }
                self.with_status(caller, user, UserStatus::Suspended)
            })
            .await
    }

    /// Makes a dormant or suspended user active; repeating it succeeds.
    pub async fn activate(&self, caller: &Caller, target: User) -> Result<User, UserError> {
        self.changes
            .apply(caller, target, AuditAction::Write, |user| self.with_status(caller, user, UserStatus::Active))
            .await
    }

    fn with_status(&self, caller: &Caller, user: &User, status: UserStatus) -> Result<User, UserError> {
        if !authorize(&caller.subject, Action::Update, &Object::user(user.id)) {
            return Err(UserError::Forbidden);
        }
        Ok(user.clone().with_status(status, self.clock.now()))
    }

    /// The check that comes before a look at the body.
    pub fn check_may_change_roles(&self, caller: &Caller, target: &User) -> Result<(), UserError> {
        if target.id == caller.user.id { Err(UserError::OwnRoles) } else { Ok(()) }
    }

    /// Whether the caller may see the user's personal data.
    pub fn check_may_read_personal(&self, caller: &Caller, target: &User) -> Result<(), UserError> {
        let permitted = authorize(&caller.subject, Action::ReadPersonal, &Object::user(target.id));
        if permitted { Ok(()) } else { Err(UserError::Forbidden) }
    }

    /// Replaces the stored site roles (docs/api/roles-and-permissions.md#change-of-site-roles).
    pub async fn update_roles(&self, caller: &Caller, target: User, roles: &[String]) -> Result<User, UserError> {
        self.check_may_change_roles(caller, &target)?;
        let wanted = known_roles(roles).map_err(UserError::UnknownRole)?;
        self.changes
            .apply(caller, target, AuditAction::Write, |user| {
                let removed: Vec<&String> = user.roles.iter().filter(|role| !wanted.contains(role)).collect();
                let added: Vec<&String> = wanted.iter().filter(|role| !user.roles.contains(role)).collect();
                let may = |action| authorize(&caller.subject, action, &Object::any(ResourceType::AssignRole));
                if !may(Action::Assign) || (!removed.is_empty() && !may(Action::Unassign)) {
                    return Err(UserError::Forbidden);
                }
                for role in removed.into_iter().chain(added) {
                    let assignable = SiteRole::parse(role).is_some_and(|role| may_assign(&caller.subject, role));
                    if !assignable {
                        return Err(UserError::NotAssignable(role.clone()));
                    }
                }
                let authz_version = user.authz_version + u64::from(user.roles != wanted);
                Ok(User { roles: wanted.clone(), authz_version, ..user.clone() })
            })
            .await
    }

    /// The login type of the caller. No role may read that of another user (docs/api/users.md#login-type).
    pub fn login_type(&self, caller: &Caller, target: &User) -> Result<LoginType, UserError> {
        if target.id == caller.user.id { Ok(target.login_type) } else { Err(UserError::LoginTypeOfAnother) }
    }

    /// The stored site roles, and the explicit organization roles of every membership that the caller may read.
    pub fn roles_of(&self, caller: &Caller, target: &User) -> Result<(Vec<String>, OrganizationRoles), UserError> {
        if !authorize(&caller.subject, Action::ReadPersonal, &Object::user(target.id)) {
            return Err(UserError::Hidden);
        }
        let readable = target.memberships.iter().filter(|membership| {
            let object = Object::organization_member(membership.organization_id, target.id);
            authorize(&caller.subject, Action::Read, &object)
        });
        let organizations = readable.map(|membership| (membership.organization_id, membership.roles.clone())).collect();
        Ok((target.roles.clone(), organizations))
    }
}

/// The names without repetition, or the first that is no site role.
fn known_roles(roles: &[String]) -> Result<Vec<String>, String> {
    let mut known: Vec<String> = Vec::new();
    for role in roles {
        if SiteRole::parse(role).is_none() {
            return Err(excerpt(role));
        }
        if !known.contains(role) {
            known.push(role.clone());
        }
    }
    Ok(known)
}
