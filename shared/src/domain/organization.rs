//! Organizations and who belongs to them.

use uuid::Uuid;

use super::time::Timestamp;

/// An organization, as its members see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Organization {
    /// Random version 4 UUID.
    pub id: Uuid,
    /// Unique regardless of case; same rule as usernames.
    pub name: String,
    /// What people read.
    pub display_name: String,
    /// May be empty.
    pub description: String,
    /// A path or an emoji reference, may be empty.
    pub icon: String,
    /// Creation.
    pub created_at: Timestamp,
    /// Last change.
    pub updated_at: Timestamp,
    /// The one that the nil UUID and the word `default` mean.
    pub is_default: bool,
    /// Organization roles that every member holds without their being stored.
    pub default_member_roles: Vec<String>,
}

impl Organization {
    /// The organization that the first user brings into being (docs/api/users.md#first-user).
    #[must_use]
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

/// A user's place in one organization; stored on the user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Membership {
    /// The organization.
    pub organization_id: Uuid,
    /// Explicitly stored organization roles by bare name.
    pub roles: Vec<String>,
    /// When the user joined.
    pub created_at: Timestamp,
    /// When the roles last changed.
    pub updated_at: Timestamp,
}

impl Membership {
    /// A fresh membership without roles of its own.
    #[must_use]
    pub fn new(organization_id: Uuid, now: Timestamp) -> Self {
        Self { organization_id, roles: Vec::new(), created_at: now, updated_at: now }
    }
}
