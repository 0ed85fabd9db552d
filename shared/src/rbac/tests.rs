//! Tests of decisions and assignments by role. The tables of the specification are in `cells`, API keys in `keys`.

mod cells;
mod keys;

use uuid::Uuid;

use super::{
    Action, Object, OrganizationRole, ResourceType as On, Role, SiteRole, Subject, authorize, may_assign,
    may_assign_organization_role,
};

pub(super) const ME: Uuid = Uuid::from_u128(0xa1);
pub(super) const OTHER: Uuid = Uuid::from_u128(0xa2);
pub(super) const INSIDE: Uuid = Uuid::from_u128(0xb1);
pub(super) const OUTSIDE: Uuid = Uuid::from_u128(0xb2);

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A member of `INSIDE` with an unrestricted key.
fn subject(roles: &[&str], organization_roles: &[&str]) -> Subject {
    with_key(roles, organization_roles, &["coder:all"], &["*:*"])
}

fn with_key(roles: &[&str], organization_roles: &[&str], scopes: &[&str], allow_list: &[&str]) -> Subject {
    let organization_roles = strings(organization_roles);
    Subject::new(
        ME,
        &strings(roles),
        [(INSIDE, organization_roles.as_slice())],
        false,
        &strings(scopes),
        &strings(allow_list),
    )
}

/// A subject with this role and the implied roles.
fn holder(role: &str) -> Subject {
    if SiteRole::parse(role).is_some() {
        return subject(&[role], &[]);
    }
    assert!(OrganizationRole::parse(role).is_some(), "{role}");
    let is_service_account = role == "organization-service-account";
    Subject { is_service_account, ..subject(&[], &[role]) }
}

const ROLES: [&str; 14] = [
    "owner",
    "user-admin",
    "template-admin",
    "auditor",
    "member",
    "organization-admin",
    "organization-user-admin",
    "organization-auditor",
    "organization-template-admin",
    "organization-workspace-creation-ban",
    "organization-workspace-access",
    "agents-access",
    "organization-member",
    "organization-service-account",
];

#[test]
fn constructors_set_the_owner_and_the_organization_of_an_object() {
    let reads = |role, object| authorize(&holder(role), Action::Read, &object);
    assert!(reads("member", Object::user(ME)) && !reads("member", Object::user(OTHER)));
    assert!(reads("member", Object::api_key(ME)) && !reads("user-admin", Object::api_key(OTHER)));
    assert!(reads("member", Object::organization(INSIDE)) && !reads("member", Object::organization(OUTSIDE)));
    assert!(reads("member", Object::organization_member(INSIDE, OTHER)));
    assert!(!reads("member", Object::organization_member(OUTSIDE, ME)));
    assert!(reads("member", Object::assign_role()) && reads("member", Object::assign_org_role(INSIDE)));
    assert!(!reads("member", Object::assign_org_role(OUTSIDE)));
    let creates = |role| authorize(&holder(role), Action::Create, &Object::new_organization_member(INSIDE));
    assert!(creates("organization-user-admin") && !creates("organization-auditor"));
}

#[test]
fn only_the_owner_may_act_on_the_keys_of_others() {
    for action in [Action::Create, Action::Read, Action::Update, Action::Delete] {
        assert!(authorize(&holder("owner"), action, &Object::api_key(OTHER)));
        assert!(!authorize(&holder("user-admin"), action, &Object::api_key(OTHER)));
    }
}

#[test]
fn a_role_in_any_organization_can_grant_rights_on_every_user() {
    let admin = strings(&["organization-admin"]);
    let memberships = [(INSIDE, [].as_slice()), (OUTSIDE, admin.as_slice())];
    let subject = Subject::new(ME, &[], memberships, false, &strings(&["coder:all"]), &strings(&["*:*"]));
    assert!(authorize(&subject, Action::Read, &Object::user(OTHER)));
    assert!(authorize(&subject, Action::Update, &Object::organization(OUTSIDE)));
    assert!(!authorize(&subject, Action::Update, &Object::organization(INSIDE)));
}

#[test]
fn unknown_stored_role_names_grant_nothing() {
    let odd = subject(&["root", "Owner", "organization-admin"], &["owner", "custom"]);
    assert_eq!(odd, subject(&[], &[]));
    assert!(authorize(&odd, Action::Read, &Object::user(ME)));
}

#[test]
fn membership_implies_one_system_role() {
    let member = Role::Organization(OrganizationRole::Member);
    let service_account = Role::Organization(OrganizationRole::ServiceAccount);
    let human = subject(&[], &[]);
    assert!(human.holds_in(INSIDE, member) && !human.holds_in(INSIDE, service_account));
    assert!(!human.holds_in(OUTSIDE, member));
    let robot = Subject { is_service_account: true, ..human };
    assert!(robot.holds_in(INSIDE, service_account) && !robot.holds_in(INSIDE, member));
    let outsider = Subject { organizations: Vec::new(), ..robot };
    assert!(!outsider.holds(service_account) && outsider.holds(Role::Site(SiteRole::Member)));
}

#[test]
fn a_denial_outweighs_the_organization_but_not_the_site() {
    let ban = "organization-workspace-creation-ban";
    let own = |organization| Object { owner: Some(ME), organization: Some(organization), ..Object::any(On::Workspace) };
    let may = |subject: &Subject, action| authorize(subject, action, &own(INSIDE));
    let access = subject(&[], &["organization-workspace-access"]);
    assert!(may(&access, Action::Create) && may(&access, Action::Start));
    assert!(!authorize(&access, Action::Create, &own(OUTSIDE)));
    for other in ["organization-workspace-access", "organization-admin"] {
        let banned = subject(&[], &[other, ban]);
        assert!(!may(&banned, Action::Create) && !may(&banned, Action::Delete));
        assert!(may(&banned, Action::Start));
    }
    assert!(may(&subject(&["owner"], &[ban]), Action::Create));
}

/// See docs/api/roles-and-permissions.md#assignment-of-site-roles.
#[test]
fn each_role_may_assign_the_roles_that_the_specification_lists() {
    let unprivileged = ["organization-member", "organization-workspace-access", "agents-access"];
    for holder_role in ROLES {
        let holder = holder(holder_role);
        for role in SiteRole::ALL {
            let expected = match holder_role {
                "owner" => true,
                "user-admin" => role.as_str() == "member",
                _ => false,
            };
            assert_eq!(may_assign(&holder, *role), expected, "{holder_role} {role:?}");
        }
        for role in OrganizationRole::ALL {
            let name = role.as_str();
            let [inside, outside] = match holder_role {
                "owner" => [true; 2],
                "user-admin" => [unprivileged.contains(&name); 2],
                "organization-admin" => [name != "organization-service-account", false],
                "organization-user-admin" => [unprivileged.contains(&name), false],
                _ => [false; 2],
            };
            let may = |organization| may_assign_organization_role(&holder, organization, *role);
            assert_eq!([may(INSIDE), may(OUTSIDE)], [inside, outside], "{holder_role} {name}");
        }
    }
}

#[test]
fn seven_organization_roles_are_listed() {
    let listed = OrganizationRole::ALL.iter().filter(|role| role.is_grantable());
    assert!(listed.clone().all(|role| !role.display_name().is_empty()));
    assert_eq!(listed.count(), 7);
}
