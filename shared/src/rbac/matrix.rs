//! Renders the decisions of `authorize` for every role, resource and action as text. A test compares it with the
//! reviewed `permission_table.txt`.

use std::iter::once;

use super::action::{Action, ActionSet};
use super::allow_list::AllowList;
use super::authorize::authorize;
use super::object::Object;
use super::permissions::PERMISSIONS;
use super::resource::ResourceType as On;
use super::role::{OrganizationRole, SiteRole};
use super::scope_set::ScopeSet;
use super::subject::Subject;
use super::tests::{INSIDE, ME, OTHER, OUTSIDE};

pub(super) fn render_matrix() -> String {
    let subjects = subjects();
    let (shown, empty): (Vec<On>, Vec<On>) =
        On::ALL.iter().partition(|resource| actions_of(**resource) != ActionSet::NONE);
    let blocks = shown.into_iter().flat_map(|resource| once(String::new()).chain(block(resource, &subjects)));
    let empty: Vec<_> = empty.into_iter().map(On::as_str).collect();
    let mut lines: Vec<String> = legend().into_iter().chain(blocks).collect();
    lines.push(String::new());
    lines.push(format!("No role permits an action on: {}", empty.join(", ")));
    lines.push(String::new());
    lines.join("\n")
}

fn legend() -> Vec<String> {
    let letters = Action::ALL.iter().map(|action| format!("  {} {}", letter(*action), action.as_str()));
    let places = [
        "A subject with a site role is in no organization. A subject with an organization role is in one.",
        "  self     an object of the subject, in its organization if the type has one",
        "  other    an object of another user, in no organization",
        "  inside   an object in the subject's organization that the subject does not own",
        "  outside  an object in another organization",
        "  site     an object of the deployment",
    ];
    once("What each built-in role permits, together with the implied member roles. A dot is a refusal.".to_owned())
        .chain(once(String::new()))
        .chain(letters)
        .chain(once(String::new()))
        .chain(places.map(str::to_owned))
        .collect()
}

fn block(resource: On, subjects: &[(&'static str, Subject)]) -> Vec<String> {
    let actions = actions_of(resource);
    let objects = objects_of(resource);
    let line = |name: &str, cells: Vec<String>| {
        let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:<9}")).collect();
        format!("{name:<38}  {}", cells.join("  ")).trim_end().to_owned()
    };
    let heads = objects.iter().map(|(place, _)| (*place).to_owned());
    let heads = line(resource.as_str(), heads.collect());
    let rows = subjects.iter().map(|(role, subject)| {
        let cells = objects.iter().map(|(_, object)| cell(subject, actions, object));
        line(&format!("  {role}"), cells.collect())
    });
    once(heads).chain(rows).collect()
}

fn cell(subject: &Subject, actions: ActionSet, object: &Object) -> String {
    let letters = actions.iter().map(|action| if authorize(subject, action, object) { letter(action) } else { '.' });
    letters.collect()
}

/// One subject for each role. A subject with an organization role is a member of the organization.
fn subjects() -> Vec<(&'static str, Subject)> {
    let plain = Subject {
        id: ME,
        roles: Vec::new(),
        organizations: Vec::new(),
        is_service_account: false,
        scopes: ScopeSet::EVERYTHING,
        allow_list: AllowList::everything(),
    };
    let site = SiteRole::ALL.iter().map(|role| {
        let roles = vec![*role];
        (role.as_str(), Subject { roles, ..plain.clone() })
    });
    let organization = OrganizationRole::ALL.iter().map(|role| {
        let subject = Subject {
            organizations: vec![(INSIDE, vec![*role])],
            is_service_account: *role == OrganizationRole::ServiceAccount,
            ..plain.clone()
        };
        (role.as_str(), subject)
    });
    site.chain(organization).collect()
}

/// The actions that any role permits on objects of the type.
fn actions_of(resource: On) -> ActionSet {
    PERMISSIONS
        .iter()
        .filter(|grant| grant.resource == resource)
        .fold(ActionSet::NONE, |all, grant| all.union(grant.actions))
}

/// One object of the type for each case that permissions distinguish. See
/// docs/api/roles-and-permissions.md#object-ownership.
fn objects_of(resource: On) -> Vec<(&'static str, Object)> {
    let object = |owner, organization| Object { owner, organization, ..Object::any(resource) };
    match resource {
        On::ApiKey
        | On::File
        | On::InboxNotification
        | On::NotificationMessage
        | On::NotificationPreference
        | On::Oauth2AppCodeToken
        | On::User
        | On::UserSecret
        | On::UserSkill
        | On::WebpushSubscription => vec![("self", object(Some(ME), None)), ("other", object(Some(OTHER), None))],
        On::GroupMember | On::OrganizationMember | On::Task | On::Workspace => vec![
            ("self", object(Some(ME), Some(INSIDE))),
            ("inside", object(Some(OTHER), Some(INSIDE))),
            ("outside", object(Some(OTHER), Some(OUTSIDE))),
        ],
        On::AssignOrgRole | On::Group | On::Organization | On::Template => {
            vec![("inside", object(None, Some(INSIDE))), ("outside", object(None, Some(OUTSIDE)))]
        }
        On::AuditLog | On::IdpsyncSettings => vec![
            ("site", object(None, None)),
            ("inside", object(None, Some(INSIDE))),
            ("outside", object(None, Some(OUTSIDE))),
        ],
        On::AiSeat
        | On::AssignRole
        | On::BoundaryLog
        | On::BoundaryUsage
        | On::DebugInfo
        | On::DeploymentConfig
        | On::DeploymentStats
        | On::License
        | On::NotificationTemplate
        | On::Oauth2App
        | On::Oauth2AppSecret
        | On::System
        | On::UsageEvent => vec![("site", object(None, None))],
    }
}

/// The letters of the table in the specification, and further ones for actions that it lacks.
const fn letter(action: Action) -> char {
    match action {
        Action::Create => 'C',
        Action::Read => 'R',
        Action::Update => 'U',
        Action::Delete => 'D',
        Action::ReadPersonal => 'P',
        Action::UpdatePersonal => 'Q',
        Action::Assign => 'A',
        Action::Unassign => 'X',
        Action::Use => 'E',
        Action::ApplicationConnect => 'N',
        Action::Ssh => 'S',
        Action::Start => 'B',
        Action::Stop => 'T',
    }
}

#[cfg(test)]
mod tests {
    use super::render_matrix;

    #[test]
    fn the_permission_table_equals_the_reviewed_text() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rbac/permission_table.txt");
        let rendered = render_matrix();
        if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
            assert!(std::fs::write(path, &rendered).is_ok(), "cannot write {path}");
            return;
        }
        let reviewed = include_str!("permission_table.txt");
        let changed: Vec<_> =
            rendered.lines().filter(|line| !reviewed.lines().any(|reviewed| reviewed == *line)).collect();
        assert!(
            rendered == reviewed,
            "the permissions differ from permission_table.txt. If the change is intended, run this test with BLESS=1 to \
             rewrite the file, and review the difference. New lines:\n{}",
            changed.join("\n")
        );
    }
}
