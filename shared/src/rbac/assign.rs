//! Who may give and take which role. Whether roles may be assigned at all is a permission on `assign_role` or
//! `assign_org_role`, to be asked for beside.

use uuid::Uuid;

use super::role::{OrganizationRole, Role, SiteRole};
use super::subject::Subject;

use OrganizationRole as Org;

/// The site roles that a holder of the first may give and take. See
/// docs/api/roles-and-permissions.md#assignment-of-site-roles.
const ASSIGNABLE: &[(SiteRole, &[SiteRole])] =
    &[(SiteRole::Owner, SiteRole::ALL), (SiteRole::UserAdmin, &[SiteRole::Member])];

/// What those may give who manage members but not the organization.
const UNPRIVILEGED: &[Org] = &[Org::Member, Org::WorkspaceAccess, Org::AgentsAccess];

/// The organization roles that a holder of the first may give and take: a site role anywhere, an organization role in
/// its organization. See docs/api/roles-and-permissions.md#assignment-of-organization-roles.
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

/// Whether one of the subject's roles lets it give or take this site role. Scopes are not looked at.
#[must_use]
pub fn may_assign(subject: &Subject, role: SiteRole) -> bool {
    ASSIGNABLE.iter().any(|(holder, roles)| subject.holds(Role::Site(*holder)) && roles.contains(&role))
}

/// Whether one of the subject's roles lets it give or take this role in `organization`. Scopes are not looked at.
#[must_use]
pub fn may_assign_organization_role(subject: &Subject, organization: Uuid, role: OrganizationRole) -> bool {
    let holds = |holder: Role| match holder {
        Role::Site(_) => subject.holds(holder),
        Role::Organization(_) => subject.holds_in(organization, holder),
    };
    ORGANIZATION_ASSIGNABLE.iter().any(|(holder, roles)| holds(*holder) && roles.contains(&role))
}
