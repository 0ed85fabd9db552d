//! The built-in roles. Their permissions are in `permissions`, the rules of their assignment in `assign`.

use crate::domain::wire_names::wire_names;

wire_names! {
    /// A built-in role of the whole deployment. See docs/api/roles-and-permissions.md#site-roles.
    pub enum SiteRole {
        /// May do everything except read the secrets of other users.
        Owner = "owner",
        /// Manages users, groups, members and identity-provider synchronisation.
        UserAdmin = "user-admin",
        /// Manages templates; reads users, groups and members.
        TemplateAdmin = "template-admin",
        /// Reads the audit log, users, groups, members, organizations and the deployment's configuration.
        Auditor = "auditor",
        /// The role of every user. It is implied and not stored.
        Member = "member",
    }
}

impl SiteRole {
    /// The name for people.
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::UserAdmin => "User Admin",
            Self::TemplateAdmin => "Template Admin",
            Self::Auditor => "Auditor",
            Self::Member => "Member",
        }
    }
}

wire_names! {
    /// A built-in role inside one organization. See docs/api/roles-and-permissions.md#organization-roles.
    pub enum OrganizationRole {
        /// May do everything inside the organization, and read every user.
        Admin = "organization-admin",
        /// Manages members, groups and the organization's synchronisation; reads every user.
        UserAdmin = "organization-user-admin",
        /// Reads the organization's audit log, members and groups.
        Auditor = "organization-auditor",
        /// Manages the organization's templates; reads members and groups.
        TemplateAdmin = "organization-template-admin",
        /// Must not create or delete workspaces, even if other roles of the organization allow it.
        WorkspaceCreationBan = "organization-workspace-creation-ban",
        /// May have workspaces; by default every member gets it.
        WorkspaceAccess = "organization-workspace-access",
        /// May use the chat, which does not exist here: grants nothing.
        AgentsAccess = "agents-access",
        /// The implied role of every member except service accounts. It is not stored.
        Member = "organization-member",
        /// The implied role of every service account that is a member. It is not stored.
        ServiceAccount = "organization-service-account",
    }
}

impl OrganizationRole {
    /// The name for people; empty for the two implied roles, which are never listed.
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::Admin => "Organization Admin",
            Self::UserAdmin => "Organization User Admin",
            Self::Auditor => "Organization Auditor",
            Self::TemplateAdmin => "Organization Template Admin",
            Self::WorkspaceCreationBan => "Organization Workspace Creation Ban",
            Self::WorkspaceAccess => "Organization Workspace Access",
            Self::AgentsAccess => "Coder Agents User",
            Self::Member | Self::ServiceAccount => "",
        }
    }

    /// Whether the role is listed and can be assigned. The two implied roles are not.
    pub const fn is_grantable(self) -> bool {
        !matches!(self, Self::Member | Self::ServiceAccount)
    }
}

/// A role of either kind, as the permission table names it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// Held on the whole deployment.
    Site(SiteRole),
    /// Held in an organization.
    Organization(OrganizationRole),
}
