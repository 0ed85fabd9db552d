//! Organizations of a user, and what belongs to membership.

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::audit::AuditLog;
use super::changes::UserChanges;
use super::session::Caller;
use super::target::UserRef;
use crate::clock::Clock;
use crate::domain::audit::{AuditAction, AuditEntry, AuditedChange, AuditedResource};
use crate::domain::names::excerpt;
use crate::domain::organization::{Membership, Organization};
use crate::domain::user::User;
use crate::rbac::{Action, Object, OrganizationRole, authorize, may_assign_organization_role};
use crate::storage::{Lookup, Records, StorageError, Store, UpdateUserConflict};

/// Why an organization or a member is not to be had or not changed.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationError {
    /// No such organization or member, or hidden.
    #[error("no such organization or member, or hidden")]
    Hidden,
    /// Callers may not change their own organization roles or remove themselves.
    #[error("not on oneself")]
    Oneself,
    /// The caller may see the member and assign no roles here, not even those that are there.
    #[error("not permitted")]
    Forbidden,
    /// Not a name of an organization role that may be granted.
    #[error("unknown organization role {0}")]
    UnknownRole(String),
    /// The caller may not grant or take this role.
    #[error("role {0} is not the caller's to assign")]
    NotAssignable(String),
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<UpdateUserConflict> for OrganizationError {
    fn from(conflict: UpdateUserConflict) -> Self {
        match conflict {
            UpdateUserConflict::Storage(error) => Self::Storage(error),
            // Membership neither renames nor touches site roles.
            UpdateUserConflict::Username | UpdateUserConflict::LastOwner => Self::Storage(StorageError::Contention),
        }
    }
}

/// A path's way to name an organization.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OrganizationRef {
    /// `default`, or the nil UUID.
    Default,
    /// A UUID.
    Id(Uuid),
    /// A name, here lower-cased.
    Name(String),
}

impl OrganizationRef {
    /// Reads a path segment, percent-decoded already.
    pub fn parse(segment: &str) -> Self {
        match crate::domain::ids::parse_uuid(segment) {
            Some(id) if id.is_nil() => Self::Default,
            Some(id) => Self::Id(id),
            None if segment == "default" => Self::Default,
            None => Self::Name(segment.to_ascii_lowercase()),
        }
    }

    /// What must be read to resolve it.
    pub fn lookup(&self) -> Lookup {
        match self {
            Self::Default => Lookup::DefaultOrganization,
            Self::Id(id) => Lookup::Organization(*id),
            Self::Name(name) => Lookup::OrganizationName(name.clone()),
        }
    }

    /// The organization of that reference, without a permission check.
    pub fn find(&self, records: &Records) -> Result<Option<Organization>, StorageError> {
        match self {
            Self::Default => records.default_organization(),
            Self::Id(id) => records.organization(*id),
            Self::Name(name) => records.organization_name(name),
        }
    }

    /// The organization meant, provided that the caller may read it.
    pub fn resolve(&self, caller: &Caller, records: &Records) -> Result<Organization, OrganizationError> {
        let found = self.find(records)?.filter(|organization| may_read(caller, organization.id));
        found.ok_or(OrganizationError::Hidden)
    }
}

/// A member of an organization.
#[derive(Clone, Debug)]
pub struct Member {
    /// The organization.
    pub organization_id: Uuid,
    /// The user.
    pub user: User,
}

impl Member {
    /// The member whom a path names, if the caller may read the organization and the membership.
    pub fn resolve(
        caller: &Caller,
        organization: &OrganizationRef,
        user: &UserRef,
        records: &Records,
    ) -> Result<Self, OrganizationError> {
        let organization_id = organization.resolve(caller, records)?.id;
        let user = user.find(caller, records)?.ok_or(OrganizationError::Hidden)?;
        let object = Object::organization_member(organization_id, user.id);
        let is_member = user.organization_ids().any(|id| id == organization_id);
        if !is_member || !authorize(&caller.subject, Action::Read, &object) {
            return Err(OrganizationError::Hidden);
        }
        Ok(Self { organization_id, user })
    }
}

fn may_read(caller: &Caller, id: Uuid) -> bool {
    authorize(&caller.subject, Action::Read, &Object::organization(id))
}

/// Organizations and their members.
pub struct Organizations {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) changes: UserChanges,
    pub(crate) audit: AuditLog,
}

impl Organizations {
    /// The organizations that the caller may read: there is the default one, which was read along with the caller.
    pub fn list(&self, caller: &Caller, default: Option<Organization>) -> Vec<Organization> {
        default.into_iter().filter(|organization| may_read(caller, organization.id)).collect()
    }

    /// The organizations that `target` belongs to and the caller may read, in the order of joining. The default one was
    /// read along with the caller: only who belongs to another costs a second trip.
    pub async fn list_of(
        &self,
        caller: &Caller,
        target: &User,
        default: Option<Organization>,
    ) -> Result<Vec<Organization>, OrganizationError> {
        let readable: Vec<Uuid> = target.organization_ids().filter(|id| may_read(caller, *id)).collect();
        let is_default = |id: Uuid| default.as_ref().is_some_and(|default| default.id == id);
        let others = readable.iter().filter(|id| !is_default(**id)).map(|id| Lookup::Organization(*id));
        let others = self.store.read(&others.collect::<Vec<_>>()).await?;
        let organizations = readable.iter().filter_map(|id| {
            let found = if is_default(*id) { Ok(default.clone()) } else { others.organization(*id) };
            found.transpose()
        });
        Ok(organizations.collect::<Result<_, _>>()?)
    }

    /// Replaces the explicitly stored roles of a member; returns who that is and the new membership. Every role added or taken must be the caller's to assign.
    pub async fn update_member_roles(
        &self,
        caller: &Caller,
        Member { organization_id: id, user: member }: Member,
        roles: &[String],
    ) -> Result<(Uuid, Membership), OrganizationError> {
        if member.id == caller.user.id {
            return Err(OrganizationError::Oneself);
        }
        let mut wanted: Vec<String> = Vec::new();
        for role in roles {
            let known = OrganizationRole::parse(role).filter(|role| role.is_grantable());
            known.ok_or_else(|| OrganizationError::UnknownRole(excerpt(role)))?;
            if !wanted.contains(role) {
                wanted.push(role.clone());
            }
        }
        let now = self.clock.now();
        let entry =
            |before: &User, after: &User| self.entry_for_member(caller, id, (before, after), AuditAction::Write);
        let updated = self
            .changes
            .apply_with::<OrganizationError>(caller, member, entry, |member| {
                let mut successor = member.clone();
                let membership = successor.memberships.iter_mut().find(|membership| membership.organization_id == id);
                let membership = membership.ok_or(OrganizationError::Hidden)?;
                check_may_assign(caller, id, &membership.roles, &wanted)?;
                check_assignable(caller, id, &membership.roles, &wanted)?;
                if membership.roles != wanted {
                    membership.roles.clone_from(&wanted);
                    membership.updated_at = now;
                    successor.authz_version += 1;
                }
                Ok(successor)
            })
            .await?;
        let membership = updated.memberships.into_iter().find(|membership| membership.organization_id == id);
        membership.map(|membership| (updated.id, membership)).ok_or(OrganizationError::Hidden)
    }

    /// An entry about the membership of a user, by its roles.
    fn entry_for_member(
        &self,
        caller: &Caller,
        organization_id: Uuid,
        (before, after): (&User, &User),
        action: AuditAction,
    ) -> AuditEntry {
        let (old, new) = (stored_roles(before, organization_id), stored_roles(after, organization_id));
        let change = (old != new).then_some(AuditedChange::Value("roles", old, new));
        AuditEntry {
            resource: AuditedResource::OrganizationMember,
            changes: change.into_iter().collect(),
            ..self.audit.entry_for_user(caller, after, action)
        }
    }

    /// Takes a member out of an organization; the default one is no exception.
    pub async fn remove_member(
        &self,
        caller: &Caller,
        Member { organization_id: id, user: member }: Member,
    ) -> Result<(), OrganizationError> {
        if member.id == caller.user.id {
            return Err(OrganizationError::Oneself);
        }
        if !authorize(&caller.subject, Action::Delete, &Object::organization_member(id, member.id)) {
            return Err(OrganizationError::Hidden);
        }
        let entry =
            |before: &User, after: &User| self.entry_for_member(caller, id, (before, after), AuditAction::Delete);
        self.changes
            .apply_with::<OrganizationError>(caller, member, entry, |member| {
                let mut successor = member.clone();
                successor.memberships.retain(|membership| membership.organization_id != id);
                if successor.memberships.len() == member.memberships.len() {
                    return Err(OrganizationError::Hidden);
                }
                successor.authz_version += 1;
                Ok(successor)
            })
            .await?;
        Ok(())
    }
}

/// The explicitly stored roles of a member, `null` for a user who is none.
fn stored_roles(user: &User, organization_id: Uuid) -> Value {
    let membership = user.memberships.iter().find(|membership| membership.organization_id == organization_id);
    membership.map_or(Value::Null, |membership| json!(membership.roles))
}

/// The implied role counts as added by every change, so that the right to assign is always asked for
/// (docs/api/roles-and-permissions.md#assignment-of-organization-roles).
fn check_may_assign(caller: &Caller, id: Uuid, stored: &[String], wanted: &[String]) -> Result<(), OrganizationError> {
    let may = |action| authorize(&caller.subject, action, &Object::assign_org_role(id));
    let takes_away = stored.iter().any(|role| !wanted.contains(role));
    if !may(Action::Assign) || (takes_away && !may(Action::Unassign)) {
        return Err(OrganizationError::Forbidden);
    }
    Ok(())
}

/// Every role in which the two lists differ must be the caller's to assign.
fn check_assignable(caller: &Caller, id: Uuid, stored: &[String], wanted: &[String]) -> Result<(), OrganizationError> {
    let differs =
        stored.iter().filter(|role| !wanted.contains(role)).chain(wanted.iter().filter(|role| !stored.contains(role)));
    for role in differs {
        let assignable =
            OrganizationRole::parse(role).is_some_and(|role| may_assign_organization_role(&caller.subject, id, role));
        if !assignable {
            return Err(OrganizationError::NotAssignable(role.clone()));
        }
    }
    Ok(())
}
