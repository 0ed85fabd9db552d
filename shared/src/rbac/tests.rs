//! Decisions and assignments by role. The cells of the specification's tables are in `cells`, keys in `keys`.

mod cells;
mod keys;

use uuid::Uuid;

use super::{
    Action, Object, OrganizationRole, ResourceType as On, Role, SiteRole, Subject, authorize, may_assign,
    may_assign_organization_role,
};

const ME: Uuid = Uuid::from_u128(0xa1);
const SOMEBODY: Uuid = Uuid::from_u128(0xa2);
const HOME: Uuid = Uuid::from_u128(0xb1);
const ABROAD: Uuid = Uuid::from_u128(0xb2);

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A member of `HOME` with an unrestricted key.
fn subject(roles: &[&str], organization_roles: &[&str]) -> Subject {
    with_key(roles, organization_roles, &["coder:all"], &["*:*"])
}

fn with_key(roles: &[&str], organization_roles: &[&str], scopes: &[&str], allow_list: &[&str]) -> Subject {
    let organization_roles = strings(organization_roles);
    Subject::new(
        ME,
        &strings(roles),
        [(HOME, organization_roles.as_slice())],
        false,
        &strings(scopes),
        &strings(allow_list),
    )
}

/// A holder of the role and of nothing else but what is implied.
fn holder(role: &str) -> Subject {
    if SiteRole::parse(role).is_some() {
        return subject(&[role], &[]);
    }
    assert!(OrganizationRole::parse(role).is_some(), "{role}");
    let is_service_account = role == "organization-service-account";
    Subject { is_service_account, ..subject(&[], &[role]) }
}

/// All roles.
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
fn constructors_know_who_owns_what() {
    let reads = |role, object| authorize(&holder(role), Action::Read, &object);
    assert!(reads("member", Object::user(ME)) && !reads("member", Object::user(SOMEBODY)));
    assert!(reads("member", Object::api_key(ME)) && !reads("user-admin", Object::api_key(SOMEBODY)));
    assert!(reads("member", Object::organization(HOME)) && !reads("member", Object::organization(ABROAD)));
    assert!(reads("member", Object::organization_member(HOME, SOMEBODY)));
    assert!(!reads("member", Object::organization_member(ABROAD, ME)));
    assert!(reads("member", Object::assign_role()) && reads("member", Object::assign_org_role(HOME)));
    assert!(!reads("member", Object::assign_org_role(ABROAD)));
    let creates = |role| authorize(&holder(role), Action::Create, &Object::new_organization_member(HOME));
    assert!(creates("organization-user-admin") && !creates("organization-auditor"));
}

#[test]
fn only_the_owner_may_act_on_the_keys_of_others() {
    for action in [Action::Create, Action::Read, Action::Update, Action::Delete] {
        assert!(authorize(&holder("owner"), action, &Object::api_key(SOMEBODY)));
        assert!(!authorize(&holder("user-admin"), action, &Object::api_key(SOMEBODY)));
    }
}

#[test]
fn rights_on_every_user_come_from_a_role_in_any_organization() {
    let admin = strings(&["organization-admin"]);
    let somewhere = [(HOME, [].as_slice()), (ABROAD, admin.as_slice())];
    let subject = Subject::new(ME, &[], somewhere, false, &strings(&["coder:all"]), &strings(&["*:*"]));
    assert!(authorize(&subject, Action::Read, &Object::user(SOMEBODY)));
    assert!(authorize(&subject, Action::Update, &Object::organization(ABROAD)));
    assert!(!authorize(&subject, Action::Update, &Object::organization(HOME)));
}

#[test]
fn stored_names_that_mean_nothing_grant_nothing() {
    let odd = subject(&["root", "Owner", "organization-admin"], &["owner", "custom"]);
    assert_eq!(odd, subject(&[], &[]));
    assert!(authorize(&odd, Action::Read, &Object::user(ME)));
}

#[test]
fn membership_implies_one_system_role() {
    let member = Role::Organization(OrganizationRole::Member);
    let service_account = Role::Organization(OrganizationRole::ServiceAccount);
    let human = subject(&[], &[]);
    assert!(human.holds_in(HOME, member) && !human.holds_in(HOME, service_account));
    assert!(!human.holds_in(ABROAD, member));
    let robot = Subject { is_service_account: true, ..human };
    assert!(robot.holds_in(HOME, service_account) && !robot.holds_in(HOME, member));
    let nowhere = Subject { organizations: Vec::new(), ..robot };
    assert!(!nowhere.holds(service_account) && nowhere.holds(Role::Site(SiteRole::Member)));
}

#[test]
fn a_denial_outweighs_the_organization_but_not_the_site() {
    let ban = "organization-workspace-creation-ban";
    let own = |organization| Object { owner: Some(ME), organization: Some(organization), ..Object::any(On::Workspace) };
    let may = |subject: &Subject, action| authorize(subject, action, &own(HOME));
    let access = subject(&[], &["organization-workspace-access"]);
    assert!(may(&access, Action::Create) && may(&access, Action::Start));
    assert!(!authorize(&access, Action::Create, &own(ABROAD)));
    for other in ["organization-workspace-access", "organization-admin"] {
        let banned = subject(&[], &[other, ban]);
        assert!(!may(&banned, Action::Create) && !may(&banned, Action::Delete));
        assert!(may(&banned, Action::Start));
    }
    assert!(may(&subject(&["owner"], &[ban]), Action::Create));
}

/// Administration 1.7.
#[test]
fn roles_are_assigned_by_those_who_may() {
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
            let [home, abroad] = match holder_role {
                "owner" => [true; 2],
                "user-admin" => [unprivileged.contains(&name); 2],
                "organization-admin" => [name != "organization-service-account", false],
                "organization-user-admin" => [unprivileged.contains(&name), false],
                _ => [false; 2],
            };
            let may = |organization| may_assign_organization_role(&holder, organization, *role);
            assert_eq!([may(HOME), may(ABROAD)], [home, abroad], "{holder_role} {name}");
        }
    }
}

#[test]
fn seven_organization_roles_are_listed() {
    let listed = OrganizationRole::ALL.iter().filter(|role| role.is_grantable());
    assert!(listed.clone().all(|role| !role.display_name().is_empty()));
    assert_eq!(listed.count(), 7);
}
