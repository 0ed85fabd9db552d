//! Roles on the wire.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::rbac::{OrganizationRole, SiteRole};

/// A role of a user.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SlimRole {
    /// `owner`, `organization-admin`, …
    pub name: String,
    /// Empty for an unknown name.
    pub display_name: String,
    /// Organization roles only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<Uuid>,
}

impl SlimRole {
    /// A stored site role.
    pub fn site(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            display_name: SiteRole::parse(name).map_or("", SiteRole::display_name).to_owned(),
            organization_id: None,
        }
    }

    /// A stored role of an organization.
    pub fn organization(name: &str, id: Uuid) -> Self {
        Self {
            name: name.to_owned(),
            display_name: OrganizationRole::parse(name).map_or("", OrganizationRole::display_name).to_owned(),
            organization_id: Some(id),
        }
    }
}

/// A role that can be assigned (docs/api/roles-and-permissions.md#list-of-site-roles). Clients read only the name, so
/// the lists of permissions are empty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AssignableRole {
    /// The role's name.
    pub name: &'static str,
    /// The name for people.
    pub display_name: &'static str,
    /// Always empty.
    pub site_permissions: [(); 0],
    /// Always empty.
    pub user_permissions: [(); 0],
    /// Always empty.
    pub organization_permissions: [(); 0],
    /// Always empty.
    pub organization_member_permissions: [(); 0],
    /// Whether the caller may assign the role.
    pub assignable: bool,
    /// Always true, because Roster has no custom roles.
    pub built_in: bool,
}

impl AssignableRole {
    /// A built-in site role.
    pub fn site(role: SiteRole, assignable: bool) -> Self {
        Self {
            name: role.as_str(),
            display_name: role.display_name(),
            site_permissions: [],
            user_permissions: [],
            organization_permissions: [],
            organization_member_permissions: [],
            assignable,
            built_in: true,
        }
    }
}

/// The request to replace the roles of a user or a member.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct UpdateRoles {
    /// The names of all roles that remain. An empty list removes every role.
    pub roles: Vec<String>,
}
