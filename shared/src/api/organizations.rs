//! Organizations and members on the wire (docs/api/organizations.md#reading-organizations,
//! docs/api/organizations.md#member-object).

use serde::Serialize;
use uuid::Uuid;

use super::roles::SlimRole;
use crate::domain::organization::{self, Membership};
use crate::domain::time::Timestamp;

/// An organization. No member is ever left out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Organization {
    /// Version 4 UUID.
    pub id: Uuid,
    /// Unique.
    pub name: String,
    /// The name for people.
    pub display_name: String,
    /// May be empty.
    pub icon: String,
    /// May be empty.
    pub description: String,
    /// When the organization was created.
    pub created_at: Timestamp,
    /// When the organization was last changed.
    pub updated_at: Timestamp,
    /// Whether the nil UUID in a path refers to this organization.
    pub is_default: bool,
    /// The roles of every member.
    pub default_org_member_roles: Vec<String>,
}

impl From<organization::Organization> for Organization {
    fn from(organization: organization::Organization) -> Self {
        Self {
            id: organization.id,
            name: organization.name,
            display_name: organization.display_name,
            icon: organization.icon,
            description: organization.description,
            created_at: organization.created_at,
            updated_at: organization.updated_at,
            is_default: organization.is_default,
            default_org_member_roles: organization.default_member_roles,
        }
    }
}

/// The membership of a user in an organization.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OrganizationMember {
    /// The user.
    pub user_id: Uuid,
    /// The organization.
    pub organization_id: Uuid,
    /// When the user joined.
    pub created_at: Timestamp,
    /// When the roles last changed.
    pub updated_at: Timestamp,
    /// Explicit roles.
    pub roles: Vec<SlimRole>,
}

impl OrganizationMember {
    /// The membership of a user.
    pub fn new(user_id: Uuid, membership: &Membership) -> Self {
        let organization_id = membership.organization_id;
        Self {
            user_id,
            organization_id,
            created_at: membership.created_at,
            updated_at: membership.updated_at,
            roles: membership.roles.iter().map(|role| SlimRole::organization(role, organization_id)).collect(),
        }
    }
}

/// The users with whom members may share workspaces. The setting also decides which other members they may read. It is
/// always `everyone` (docs/api/organizations.md#workspace-sharing).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct WorkspaceSharingSettings {
    /// Always false.
    pub sharing_globally_disabled: bool,
    /// Always false.
    pub sharing_disabled: bool,
    /// Always `everyone`.
    pub shareable_workspace_owners: &'static str,
}

impl Default for WorkspaceSharingSettings {
    fn default() -> Self {
        Self { sharing_globally_disabled: false, sharing_disabled: false, shareable_workspace_owners: "everyone" }
    }
}
