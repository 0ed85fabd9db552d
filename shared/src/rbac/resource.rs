//! The types of objects. Single objects are in `object`.

use crate::domain::wire_names::wire_names;

wire_names! {
    /// What kind of thing an object is. See docs/api/roles-and-permissions.md#permissions,
    /// docs/api/api-keys.md#public-scopes, docs/api/api-keys.md#allow-list.
    ///
    /// In the order of the names, so that sorting by type is sorting by name. Some types have no objects here, as
    /// there are no workspaces: they are names that scopes, allow-lists and checks may use.
    ///
    /// Deviation (docs/api/deviations.md#fewer-resource-types): types of the reference that belong to parts it has
    /// beyond these, provisioners for one, are unknown.
    pub enum ResourceType {
        /// Seats of the AI add-on.
        AiSeat = "ai_seat",
        /// API keys, owned by their user.
        ApiKey = "api_key",
        /// The roles of an organization, as something to list, define and assign.
        AssignOrgRole = "assign_org_role",
        /// The site roles, as something to list and assign.
        AssignRole = "assign_role",
        /// Rows of the audit log; in an organization when the row names one.
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
        /// How identities of a provider map to organizations, groups and roles.
        IdpsyncSettings = "idpsync_settings",
        /// Notifications in the inbox of a user.
        InboxNotification = "inbox_notification",
        /// Licences.
        License = "license",
        /// Notifications on their way to a user.
        NotificationMessage = "notification_message",
        /// What a user wants to be notified of.
        NotificationPreference = "notification_preference",
        /// What notifications look like.
        NotificationTemplate = "notification_template",
        /// Applications that sign users in by means of this deployment.
        Oauth2App = "oauth2_app",
        /// Codes and tokens of such applications, owned by the user who signed in.
        Oauth2AppCodeToken = "oauth2_app_code_token",
        /// Secrets of such applications.
        Oauth2AppSecret = "oauth2_app_secret",
        /// Organizations.
        Organization = "organization",
        /// Members of an organization: in it, owned by the member.
        OrganizationMember = "organization_member",
        /// What only the deployment itself does.
        System = "system",
        /// AI tasks.
        Task = "task",
        /// Workspace templates.
        Template = "template",
        /// Usage reports.
        UsageEvent = "usage_event",
        /// Users: each owned by itself and in no organization.
        User = "user",
        /// Secrets that a user keeps for his workspaces.
        UserSecret = "user_secret",
        /// Skills that a user keeps for his AI agents.
        UserSkill = "user_skill",
        /// Browsers that get push notifications for a user.
        WebpushSubscription = "webpush_subscription",
        /// Workspaces.
        Workspace = "workspace",
    }
}

impl ResourceType {
    /// How many there are.
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
