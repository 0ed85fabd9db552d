//! Objects of actions, with the fields on which permissions depend.

use uuid::Uuid;

use super::resource::ResourceType;

/// One object, or all objects of a type. The owner of each type of object is listed in
/// docs/api/roles-and-permissions.md#object-ownership.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Object {
    /// The type.
    pub resource: ResourceType,
    /// `None` for an object that does not exist yet, for all objects of a type, and for types whose ids are not UUIDs.
    /// An allow-list permits these objects by `type:*` only.
    pub id: Option<Uuid>,
    /// The user who owns the object.
    pub owner: Option<Uuid>,
    /// The organization that contains the object.
    pub organization: Option<Uuid>,
}

impl Object {
    /// All objects of this type. Also the one object of a type that has only one.
    pub const fn any(resource: ResourceType) -> Self {
        Self { resource, id: None, owner: None, organization: None }
    }

    /// An existing user. A user owns itself and is in no organization.
    pub const fn user(id: Uuid) -> Self {
        Self { id: Some(id), owner: Some(id), ..Self::any(ResourceType::User) }
    }

    /// An API key of `owner`, existing or not. Its id is not a UUID, so an allow-list cannot name it.
    pub const fn api_key(owner: Uuid) -> Self {
        Self { owner: Some(owner), ..Self::any(ResourceType::ApiKey) }
    }

    /// An existing organization. It counts as an object in itself.
    pub const fn organization(id: Uuid) -> Self {
        Self { id: Some(id), organization: Some(id), ..Self::any(ResourceType::Organization) }
    }

    /// The membership of `user` in `organization`. Its id is the id of the user.
    pub const fn organization_member(organization: Uuid, user: Uuid) -> Self {
        Self { id: Some(user), owner: Some(user), ..Self::new_organization_member(organization) }
    }

    /// A membership that does not exist yet.
    pub const fn new_organization_member(organization: Uuid) -> Self {
        Self { organization: Some(organization), ..Self::any(ResourceType::OrganizationMember) }
    }

    /// The site roles.
    pub const fn assign_role() -> Self {
        Self::any(ResourceType::AssignRole)
    }

    /// The roles of an organization.
    pub const fn assign_org_role(organization: Uuid) -> Self {
        Self { organization: Some(organization), ..Self::any(ResourceType::AssignOrgRole) }
    }
}
