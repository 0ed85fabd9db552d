//! Subjects: the user and the key behind a request, with all roles and restrictions that the decision depends on.

use uuid::Uuid;

use super::allow_list::AllowList;
use super::role::{OrganizationRole, Role, SiteRole};
use super::scope_set::ScopeSet;

/// A user who acts through an API key. An action must be permitted to both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// The user.
    pub id: Uuid,
    /// Site roles as stored; `member` is implied.
    pub roles: Vec<SiteRole>,
    /// The organizations of the user, with the stored roles. Each membership implies one more role.
    pub organizations: Vec<(Uuid, Vec<OrganizationRole>)>,
    /// Whether a membership implies `organization-service-account` instead of `organization-member`.
    pub is_service_account: bool,
    /// The actions that the key allows.
    pub scopes: ScopeSet,
    /// The objects that the key may access.
    pub allow_list: AllowList,
}

impl Subject {
    /// A subject from stored names. Unknown names grant nothing (docs/api/roles-and-permissions.md#site-roles).
    /// `organizations` must include the roles that an organization gives to all of its members.
    pub fn new<'a>(
        id: Uuid,
        roles: &[String],
        organizations: impl IntoIterator<Item = (Uuid, &'a [String])>,
        is_service_account: bool,
        scopes: &[String],
        allow_list: &[String],
    ) -> Self {
        let known = |names: &[String]| {
            let roles = names.iter().map(String::as_str);
            roles.filter_map(OrganizationRole::parse).collect()
        };
        Self {
            id,
            roles: roles.iter().map(String::as_str).filter_map(SiteRole::parse).collect(),
            organizations: organizations
                .into_iter()
                .map(|(organization, names)| (organization, known(names)))
                .collect(),
            is_service_account,
            scopes: ScopeSet::from_names(scopes),
            allow_list: AllowList::from_stored(allow_list),
        }
    }

    /// Whether the subject holds a site role, or an organization role in at least one organization.
    pub(super) fn holds(&self, role: Role) -> bool {
        match role {
            Role::Site(role) => role == SiteRole::Member || self.roles.contains(&role),
            Role::Organization(_) => self.organizations.iter().any(|(_, roles)| self.membership_grants(roles, role)),
        }
    }

    /// Whether the subject holds an organization role in `organization`.
    pub(super) fn holds_in(&self, organization: Uuid, role: Role) -> bool {
        self.organizations.iter().any(|(id, roles)| *id == organization && self.membership_grants(roles, role))
    }

    /// Whether `role` is among the stored `roles` of a membership or is the role that the membership implies.
    fn membership_grants(&self, roles: &[OrganizationRole], role: Role) -> bool {
        let implied = if self.is_service_account { OrganizationRole::ServiceAccount } else { OrganizationRole::Member };
        matches!(role, Role::Organization(role) if role == implied || roles.contains(&role))
    }
}
