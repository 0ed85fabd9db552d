//! Objects: what an action is done to, reduced to what permissions ask about.

use uuid::Uuid;

use super::resource::ResourceType;

/// One object, or all objects of a type. docs/api/roles-and-permissions.md#object-ownership says who owns what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Object {
    /// Its type.
    pub resource: ResourceType,
    /// Its id. Missing for an object about to be created, for all objects of a type, and for types whose ids are no
    /// UUIDs: an allow-list admits these by `type:*` only.
    pub id: Option<Uuid>,
    /// The user it belongs to.
    pub owner: Option<Uuid>,
    /// The organization it is in.
    pub organization: Option<Uuid>,
}

impl Object {
    /// Any object of this type, without an owner: the question "may the subject do this to all of them?",
    /// and the object of types that have but one.
    #[must_use]
    pub const fn any(resource: ResourceType) -> Self {
        Self { resource, id: None, owner: None, organization: None }
    }

    /// An existing user, who is in no organization and belongs to himself.
    #[must_use]
    pub const fn user(id: Uuid) -> Self {
        Self { id: Some(id), owner: Some(id), ..Self::any(ResourceType::User) }
    }

    /// An API key of `owner`, existing or not. Its id is no UUID, so an allow-list cannot name it.
    #[must_use]
    pub const fn api_key(owner: Uuid) -> Self {
        Self { owner: Some(owner), ..Self::any(ResourceType::ApiKey) }
    }

    /// An existing organization, which is in itself.
    #[must_use]
    pub const fn organization(id: Uuid) -> Self {
        Self { id: Some(id), organization: Some(id), ..Self::any(ResourceType::Organization) }
    }

    /// The membership of `user` in `organization`, known by the id of the user.
    #[must_use]
    pub const fn organization_member(organization: Uuid, user: Uuid) -> Self {
        Self { id: Some(user), owner: Some(user), ..Self::new_organization_member(organization) }
    }

    /// A membership about to be created.
    #[must_use]
    pub const fn new_organization_member(organization: Uuid) -> Self {
        Self { organization: Some(organization), ..Self::any(ResourceType::OrganizationMember) }
    }

    /// The site roles.
    #[must_use]
    pub const fn assign_role() -> Self {
        Self::any(ResourceType::AssignRole)
    }

    /// The roles of an organization.
    #[must_use]
    pub const fn assign_org_role(organization: Uuid) -> Self {
        Self { organization: Some(organization), ..Self::any(ResourceType::AssignOrgRole) }
    }
}
