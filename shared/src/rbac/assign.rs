//! Which roles the holder of a role may assign. The caller must also check the permission on `assign_role` or
//! `assign_org_role`.

use uuid::Uuid;

use super::role::{OrganizationRole, Role, SiteRole};
use super::subject::Subject;

use OrganizationRole as Org;

/// A site role, and the site roles that its holder may assign and unassign. See
/// docs/api/roles-and-permissions.md#assignment-of-site-roles.
const ASSIGNABLE: &[(SiteRole, &[SiteRole])] =
    &[(SiteRole::Owner, SiteRole::ALL), (SiteRole::UserAdmin, &[SiteRole::Member])];

/// The roles that an administrator of users may assign. They grant no administrative rights.
const UNPRIVILEGED: &[Org] = &[Org::Member, Org::WorkspaceAccess, Org::AgentsAccess];

/// A role, and the organization roles that its holder may assign and unassign. A site role applies to every
/// organization, an organization role to its own. See
/// docs/api/roles-and-permissions.md#assignment-of-organization-roles.
const ORGANIZATION_ASSIGNABLE: &[(Role, &[Org])] = &[
    (Role::Site(SiteRole::Owner), Org::ALL),
    (Role::Site(SiteRole::UserAdmin), UNPRIVILEGED),
    (
        Role::Organization(Org::Admin),
        &[
            Org::Admin,
            Org::UserAdmin,
            Org::Auditor,
            Org::TemplateAdmin,
            Org::WorkspaceCreationBan,
            Org::WorkspaceAccess,
            Org::AgentsAccess,
            Org::Member,
        ],
    ),
    (Role::Organization(Org::UserAdmin), UNPRIVILEGED),
];

/// Whether a role of the subject may assign this site role. Ignores the scopes of the key.
pub fn may_assign(subject: &Subject, role: SiteRole) -> bool {
    ASSIGNABLE.iter().any(|(holder, roles)| subject.holds(Role::Site(*holder)) && roles.contains(&role))
}

/// Whether a role of the subject may assign this role in `organization`. Ignores the scopes of the key.
pub fn may_assign_organization_role(subject: &Subject, organization: Uuid, role: OrganizationRole) -> bool {
    let holds = |holder: Role| match holder {
        Role::Site(_) => subject.holds(holder),
        Role::Organization(_) => subject.holds_in(organization, holder),
    };
    ORGANIZATION_ASSIGNABLE.iter().any(|(holder, roles)| holds(*holder) && roles.contains(&role))
}
