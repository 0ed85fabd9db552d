//! Organizations, and the memberships of users in them.

use uuid::Uuid;

use super::time::Timestamp;

/// An organization.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Organization {
    /// Random version 4 UUID.
    pub id: Uuid,
    /// Unique regardless of case. Follows the rule of usernames.
    pub name: String,
    /// The name for people.
    pub display_name: String,
    /// May be empty.
    pub description: String,
    /// A path or an emoji reference, may be empty.
    pub icon: String,
    /// When the organization was created.
    pub created_at: Timestamp,
    /// When the organization was last changed.
    pub updated_at: Timestamp,
    /// Whether the nil UUID and the name `default` in a path refer to this organization.
    pub is_default: bool,
    /// Organization roles of every member. They are not stored on the members.
    pub default_member_roles: Vec<String>,
}

impl Organization {
    /// The organization that is created with the first user (docs/api/users.md#first-user).
    pub fn first(id: Uuid, now: Timestamp) -> Self {
        Self {
            id,
            name: "coder".to_owned(),
            display_name: "Coder".to_owned(),
            description: "The organization that every deployment starts with.".to_owned(),
            icon: String::new(),
            created_at: now,
            updated_at: now,
            is_default: true,
            default_member_roles: vec!["organization-workspace-access".to_owned()],
        }
    }
}

/// The membership of a user in one organization. It is stored on the user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Membership {
    /// The organization.
    pub organization_id: Uuid,
    /// The stored organization roles, without those that the membership implies.
    pub roles: Vec<String>,
    /// When the user joined.
    pub created_at: Timestamp,
    /// When the roles last changed.
    pub updated_at: Timestamp,
}

impl Membership {
    /// A new membership without stored roles.
    pub fn new(organization_id: Uuid, now: Timestamp) -> Self {
        Self { organization_id, roles: Vec::new(), created_at: now, updated_at: now }
    }
}
