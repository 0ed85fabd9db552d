//! The types of objects. One object is in `object`.

use crate::domain::wire_names::wire_names;

wire_names! {
    /// The type of an object. See docs/api/roles-and-permissions.md#permissions, docs/api/api-keys.md#public-scopes,
    /// docs/api/api-keys.md#allow-list.
    ///
    /// The variants are in the order of their names, so types sort like their names. Some types, such as workspaces,
    /// have no objects in Roster: scopes, allow-lists and checks may still name them.
    ///
    /// Deviation (docs/api/deviations.md#fewer-resource-types): the types of features that Roster lacks, such as
    /// provisioners, are unknown.
    pub enum ResourceType {
        /// Seats of the AI add-on.
        AiSeat = "ai_seat",
        /// API keys, owned by their user.
        ApiKey = "api_key",
        /// The roles of an organization, as something to list, define and assign.
        AssignOrgRole = "assign_org_role",
        /// The site roles, as something to list and assign.
        AssignRole = "assign_role",
        /// Entries of the audit log; in an organization when the row names one.
        AuditLog = "audit_log",
        /// Network boundary logs.
        BoundaryLog = "boundary_log",
        /// Network boundary statistics.
        BoundaryUsage = "boundary_usage",
        /// Debugging endpoints.
        DebugInfo = "debug_info",
        /// The configuration of the deployment.
        DeploymentConfig = "deployment_config",
        /// Statistics of the deployment.
        DeploymentStats = "deployment_stats",
        /// Uploaded files.
        File = "file",
        /// Groups, in their organization.
        Group = "group",
        /// Members of a group: in the organization, owned by the member.
        GroupMember = "group_member",
        /// The mapping from identities of a provider to organizations, groups and roles.
        IdpsyncSettings = "idpsync_settings",
        /// Notifications in the inbox of a user.
        InboxNotification = "inbox_notification",
        /// Licences.
        License = "license",
        /// Notifications that were not delivered yet.
        NotificationMessage = "notification_message",
        /// The choice of a user which notifications to get.
        NotificationPreference = "notification_preference",
        /// The templates of notifications.
        NotificationTemplate = "notification_template",
        /// Applications that use this deployment as their `OAuth2` provider.
        Oauth2App = "oauth2_app",
        /// Codes and tokens of such applications, owned by the user who signed in.
        Oauth2AppCodeToken = "oauth2_app_code_token",
        /// Secrets of such applications.
        Oauth2AppSecret = "oauth2_app_secret",
        /// Organizations.
        Organization = "organization",
        /// Members of an organization: in it, owned by the member.
        OrganizationMember = "organization_member",
        /// Work that only the deployment itself does.
        System = "system",
        /// AI tasks.
        Task = "task",
        /// Workspace templates.
        Template = "template",
        /// Usage reports.
        UsageEvent = "usage_event",
        /// Users: each owned by itself and in no organization.
        User = "user",
        /// Secrets of a user for workspaces.
        UserSecret = "user_secret",
        /// Skills of a user for AI agents.
        UserSkill = "user_skill",
        /// Browsers that get push notifications for a user.
        WebpushSubscription = "webpush_subscription",
        /// Workspaces.
        Workspace = "workspace",
    }
}

impl ResourceType {
    /// The number of types.
    pub const COUNT: usize = Self::ALL.len();
}

#[cfg(test)]
mod tests {
    use super::ResourceType;

    #[test]
    fn types_are_declared_in_the_order_of_their_names() {
        assert!(ResourceType::ALL.is_sorted_by(|a, b| a.as_str() < b.as_str()));
        assert!(ResourceType::ALL.is_sorted());
    }
}
