//! Subjects: who asks, with everything that bears on the answer. Where roles and keys are stored is not known here.

use uuid::Uuid;

use super::allow_list::AllowList;
use super::role::{OrganizationRole, Role, SiteRole};
use super::scope_set::ScopeSet;

/// A user by means of one of his keys: an action must be permitted to both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subject {
    /// The user.
    pub id: Uuid,
    /// Site roles as stored; `member` is implied.
    pub roles: Vec<SiteRole>,
    /// The organizations he belongs to, with his roles there. Being listed implies the system role of members.
    pub organizations: Vec<(Uuid, Vec<OrganizationRole>)>,
    /// Whether the system role implied by membership is that of service accounts.
    pub is_service_account: bool,
    /// What the key may do.
    pub scopes: ScopeSet,
    /// The objects that the key may touch.
    pub allow_list: AllowList,
}

impl Subject {
    /// A subject from what is stored. Names that mean nothing (any more) are skipped and grant nothing
    /// (docs/api/roles-and-permissions.md#site-roles). The roles that an organization gives to all members are to be
    /// among `organizations`.
    #[must_use]
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

    /// Whether the role is held: a site role, or an organization role in at least one organization.
    pub(super) fn holds(&self, role: Role) -> bool {
        match role {
            Role::Site(role) => role == SiteRole::Member || self.roles.contains(&role),
            Role::Organization(_) => self.organizations.iter().any(|(_, roles)| self.holds_among(roles, role)),
        }
    }

    /// Whether the role is held by membership in `organization`.
    pub(super) fn holds_in(&self, organization: Uuid, role: Role) -> bool {
        self.organizations.iter().any(|(id, roles)| *id == organization && self.holds_among(roles, role))
    }

    /// Whether `role` is one of `roles` or implied by having any membership at all.
    fn holds_among(&self, roles: &[OrganizationRole], role: Role) -> bool {
        let implied = if self.is_service_account { OrganizationRole::ServiceAccount } else { OrganizationRole::Member };
        matches!(role, Role::Organization(role) if role == implied || roles.contains(&role))
    }
}
