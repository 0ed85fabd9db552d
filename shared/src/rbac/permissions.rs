//! The permission table: every right of a built-in role. The evaluation of the rows is in `authorize`, and
//! `permission_table.txt` shows its results.

use super::action::{Action, ActionSet};
use super::resource::ResourceType;
use super::role::{OrganizationRole, Role, SiteRole};

use OrganizationRole as Org;
use ResourceType as On;
use SiteRole as Site;

/// The objects that a row covers. See docs/api/roles-and-permissions.md#evaluation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Level {
    /// Every object.
    Site,
    /// Objects in the organization in which the role is held.
    Organization,
    /// Objects in that organization that the subject owns.
    OrganizationMember,
    /// Objects in no organization that the subject owns.
    User,
}

/// Whether a row permits or forbids its actions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Effect {
    /// Permitted.
    Allow,
    /// Forbidden, even if another role permits the action at the same level or a lower one.
    Deny,
}

/// One row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Grant {
    /// The role that holds the right.
    pub role: Role,
    /// The objects that the row covers.
    pub level: Level,
    /// The type of those objects.
    pub resource: ResourceType,
    /// The actions on them.
    pub actions: ActionSet,
    /// Whether the actions are permitted.
    pub effect: Effect,
}

const fn allow(role: Role, level: Level, resource: On, actions: ActionSet) -> Grant {
    Grant { role, level, resource, actions, effect: Effect::Allow }
}

/// A right on every object of the deployment.
const fn all(role: Site, resource: On, actions: ActionSet) -> Grant {
    allow(Role::Site(role), Level::Site, resource, actions)
}

/// A right of every user on their own objects that are in no organization.
const fn own(resource: On, actions: ActionSet) -> Grant {
    allow(Role::Site(Site::Member), Level::User, resource, actions)
}

/// A right on the objects of the organization in which the role is held.
const fn inside(role: Org, resource: On, actions: ActionSet) -> Grant {
    allow(Role::Organization(role), Level::Organization, resource, actions)
}

/// A right of a member on their own objects in the organization in which the role is held.
const fn own_inside(role: Org, resource: On, actions: ActionSet) -> Grant {
    allow(Role::Organization(role), Level::OrganizationMember, resource, actions)
}

/// A right on every object of the deployment by a role that is held in any organization.
const fn all_from_inside(role: Org, resource: On, actions: ActionSet) -> Grant {
    allow(Role::Organization(role), Level::Site, resource, actions)
}

/// A denial for the objects of the organization in which the role is held.
const fn deny_inside(role: Org, resource: On, actions: ActionSet) -> Grant {
    Grant { effect: Effect::Deny, ..inside(role, resource, actions) }
}

const R: ActionSet = ActionSet::of(&[Action::Read]);
const RU: ActionSet = ActionSet::of(&[Action::Read, Action::Update]);
const RD: ActionSet = ActionSet::of(&[Action::Read, Action::Delete]);
const RUD: ActionSet = ActionSet::of(&[Action::Read, Action::Update, Action::Delete]);
const CR: ActionSet = ActionSet::of(&[Action::Create, Action::Read]);
const CD: ActionSet = ActionSet::of(&[Action::Create, Action::Delete]);
const CRU: ActionSet = CR.union(RU);
const CRD: ActionSet = CR.union(RD);
const CRUD: ActionSet = CR.union(RUD);
const ASSIGN: ActionSet = ActionSet::of(&[Action::Assign, Action::Unassign, Action::Read]);
const PERSONAL: ActionSet = ActionSet::of(&[Action::ReadPersonal, Action::UpdatePersonal]);
const USER: ActionSet = CRUD.union(PERSONAL);
const TEMPLATE: ActionSet = CRUD.union(ActionSet::of(&[Action::Use]));
const WORKSPACE: ActionSet =
    CRUD.union(ActionSet::of(&[Action::ApplicationConnect, Action::Ssh, Action::Start, Action::Stop]));

/// All rows, by role. See docs/api/roles-and-permissions.md#permissions: its columns of site roles include `member`,
/// and its columns of organization roles include `organization-member`.
///
/// Members may read each other because the sharing setting is always `everyone`
/// (docs/api/organizations.md#workspace-sharing). A row of another role that repeats such a right does not depend on
/// the setting. No role has a right on `ai_seat`, `usage_event` and `boundary_usage`, which only the deployment uses,
/// or on the secrets of other users.
pub static PERMISSIONS: &[Grant] = &[
    // owner
    all(Site::Owner, On::ApiKey, CRUD),
    all(Site::Owner, On::AssignOrgRole, CRUD.union(ASSIGN)),
    all(Site::Owner, On::AssignRole, ASSIGN),
    all(Site::Owner, On::AuditLog, CR),
    all(Site::Owner, On::DebugInfo, R),
    all(Site::Owner, On::DeploymentConfig, RU),
    all(Site::Owner, On::DeploymentStats, R),
    all(Site::Owner, On::File, CR),
    all(Site::Owner, On::Group, CRUD),
    all(Site::Owner, On::GroupMember, R),
    all(Site::Owner, On::IdpsyncSettings, RU),
    all(Site::Owner, On::InboxNotification, CRU),
    all(Site::Owner, On::License, CRD),
    all(Site::Owner, On::NotificationMessage, CRUD),
    all(Site::Owner, On::NotificationPreference, RU),
    all(Site::Owner, On::NotificationTemplate, RU),
    all(Site::Owner, On::Oauth2App, CRUD),
    all(Site::Owner, On::Oauth2AppCodeToken, CRD),
    all(Site::Owner, On::Oauth2AppSecret, CRUD),
    all(Site::Owner, On::Organization, CRUD),
    all(Site::Owner, On::OrganizationMember, CRUD),
    all(Site::Owner, On::System, CRUD),
    all(Site::Owner, On::Task, CRUD),
    all(Site::Owner, On::Template, TEMPLATE),
    all(Site::Owner, On::User, USER),
    all(Site::Owner, On::UserSkill, RD),
    all(Site::Owner, On::WebpushSubscription, CRD),
    all(Site::Owner, On::Workspace, WORKSPACE),
    // user-admin
    all(Site::UserAdmin, On::AssignOrgRole, ASSIGN),
    all(Site::UserAdmin, On::AssignRole, ASSIGN),
    all(Site::UserAdmin, On::Group, CRUD),
    all(Site::UserAdmin, On::GroupMember, R),
    all(Site::UserAdmin, On::IdpsyncSettings, RU),
    all(Site::UserAdmin, On::Organization, R),
    all(Site::UserAdmin, On::OrganizationMember, CRUD),
    all(Site::UserAdmin, On::User, USER),
    // template-admin
    all(Site::TemplateAdmin, On::AssignOrgRole, R),
    all(Site::TemplateAdmin, On::File, CR),
    all(Site::TemplateAdmin, On::Group, R),
    all(Site::TemplateAdmin, On::GroupMember, R),
    all(Site::TemplateAdmin, On::Organization, R),
    all(Site::TemplateAdmin, On::OrganizationMember, R),
    all(Site::TemplateAdmin, On::Template, TEMPLATE),
    all(Site::TemplateAdmin, On::User, R),
    // auditor
    all(Site::Auditor, On::AssignOrgRole, R),
    all(Site::Auditor, On::AuditLog, R),
    all(Site::Auditor, On::BoundaryLog, R),
    all(Site::Auditor, On::DeploymentConfig, R),
    all(Site::Auditor, On::DeploymentStats, R),
    all(Site::Auditor, On::Group, R),
    all(Site::Auditor, On::GroupMember, R),
    all(Site::Auditor, On::Organization, R),
    all(Site::Auditor, On::OrganizationMember, R),
    all(Site::Auditor, On::User, R),
    // member
    all(Site::Member, On::AssignRole, R),
    all(Site::Member, On::Oauth2App, R),
    own(On::ApiKey, CRUD),
    own(On::File, CR),
    own(On::InboxNotification, CRU),
    own(On::NotificationMessage, CRUD),
    own(On::NotificationPreference, RU),
    own(On::Oauth2AppCodeToken, CRD),
    own(On::User, R.union(PERSONAL)),
    own(On::UserSecret, CRUD),
    own(On::UserSkill, CRUD),
    own(On::WebpushSubscription, CRD),
    // organization-admin
    all_from_inside(Org::Admin, On::User, R),
    inside(Org::Admin, On::AssignOrgRole, CRUD.union(ASSIGN)),
    inside(Org::Admin, On::AuditLog, CR),
    inside(Org::Admin, On::Group, CRUD),
    inside(Org::Admin, On::GroupMember, R),
    inside(Org::Admin, On::IdpsyncSettings, RU),
    inside(Org::Admin, On::Organization, RUD),
    inside(Org::Admin, On::OrganizationMember, CRUD),
    inside(Org::Admin, On::Task, CRUD),
    inside(Org::Admin, On::Template, TEMPLATE),
    inside(Org::Admin, On::Workspace, WORKSPACE),
    // organization-user-admin
    all_from_inside(Org::UserAdmin, On::User, R),
    inside(Org::UserAdmin, On::AssignOrgRole, ASSIGN),
    inside(Org::UserAdmin, On::Group, CRUD),
    inside(Org::UserAdmin, On::GroupMember, R),
    inside(Org::UserAdmin, On::IdpsyncSettings, RU),
    inside(Org::UserAdmin, On::Organization, R),
    inside(Org::UserAdmin, On::OrganizationMember, CRUD),
    // organization-auditor
    inside(Org::Auditor, On::AuditLog, R),
    inside(Org::Auditor, On::Group, R),
    inside(Org::Auditor, On::GroupMember, R),
    inside(Org::Auditor, On::Organization, R),
    inside(Org::Auditor, On::OrganizationMember, R),
    // organization-template-admin
    inside(Org::TemplateAdmin, On::Group, R),
    inside(Org::TemplateAdmin, On::GroupMember, R),
    inside(Org::TemplateAdmin, On::Organization, R),
    inside(Org::TemplateAdmin, On::OrganizationMember, R),
    inside(Org::TemplateAdmin, On::Template, TEMPLATE),
    // organization-workspace-access and organization-workspace-creation-ban; agents-access has no row
    own_inside(Org::WorkspaceAccess, On::Workspace, WORKSPACE),
    deny_inside(Org::WorkspaceCreationBan, On::Workspace, CD),
    // organization-member
    inside(Org::Member, On::AssignOrgRole, R),
    inside(Org::Member, On::Group, R),
    inside(Org::Member, On::Organization, R),
    inside(Org::Member, On::OrganizationMember, R),
    own_inside(Org::Member, On::GroupMember, R),
    // organization-service-account: the same rights as organization-member
    inside(Org::ServiceAccount, On::AssignOrgRole, R),
    inside(Org::ServiceAccount, On::Group, R),
    inside(Org::ServiceAccount, On::Organization, R),
    inside(Org::ServiceAccount, On::OrganizationMember, R),
    own_inside(Org::ServiceAccount, On::GroupMember, R),
];
