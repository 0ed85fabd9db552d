//! Tests of the scopes and the allow-list of a key: both narrow the rights of its user.

use proptest::prelude::*;
use uuid::Uuid;

use super::{INSIDE, ME, OTHER, OUTSIDE, subject, with_key};
use crate::rbac::{
    Action, AllowList, Object, OrganizationRole, PUBLIC_SCOPES, ResourceType as On, ScopeSet, SiteRole, Subject,
    authorize,
};

fn owner(scopes: &[&str], allow_list: &[&str]) -> Subject {
    with_key(&["owner"], &[], scopes, allow_list)
}

/// See docs/api/api-keys.md#meaning-of-scopes.
#[test]
fn scopes_narrow_what_an_owner_may_do_to_users() {
    let may = |scope, action| authorize(&owner(&[scope], &["*:*"]), action, &Object::user(OTHER));
    for scope in ["api_key:*", "coder:apikeys.manage_self", "coder:application_connect", "user:read_personal"] {
        assert!(!may(scope, Action::Read), "{scope}");
    }
    assert!(may("user:read", Action::Read) && !may("user:read", Action::ReadPersonal));
    assert!(may("user:read_personal", Action::ReadPersonal));
    assert!(may("user:update_personal", Action::UpdatePersonal));
    assert!(!may("user:update_personal", Action::Update));
    for action in [Action::Create, Action::Update, Action::Delete] {
        assert!(may("user:*", action) && may("coder:all", action));
    }
}

#[test]
fn only_the_scope_coder_all_allows_the_assignment_of_site_roles() {
    for scope in PUBLIC_SCOPES {
        for action in [Action::Read, Action::Assign, Action::Unassign] {
            let allowed = authorize(&owner(&[scope], &["*:*"]), action, &Object::assign_role());
            assert_eq!(allowed, scope == "coder:all", "{scope} {action:?}");
        }
    }
}

#[test]
fn scopes_add_no_rights_to_a_member() {
    let member = with_key(&[], &[], &["user:*", "api_key:*", "organization:*"], &["*:*"]);
    assert!(!authorize(&member, Action::Read, &Object::user(OTHER)));
    assert!(!authorize(&member, Action::Update, &Object::user(ME)));
    assert!(!authorize(&member, Action::Read, &Object::api_key(OTHER)));
    assert!(!authorize(&member, Action::Update, &Object::organization(INSIDE)));
}

#[test]
fn a_key_for_one_workspace_cannot_even_read_its_user() {
    let entry = format!("workspace:{OTHER}");
    for subject in [owner(&["coder:all"], &[&entry]), with_key(&[], &[], &["coder:all"], &[&entry])] {
        assert!(!authorize(&subject, Action::Read, &Object::user(ME)));
    }
}

#[test]
fn an_allow_list_names_users_members_and_organizations_by_id() {
    let (user, organization) = (format!("user:{OTHER}"), format!("organization:{INSIDE}"));
    let member = format!("organization_member:{OTHER}");
    let narrow = owner(&["coder:all"], &[&user, &organization, &member]);
    let may = |action, object: &Object| authorize(&narrow, action, object);
    assert!(may(Action::Delete, &Object::user(OTHER)));
    assert!(!may(Action::Read, &Object::user(ME)));
    assert!(may(Action::Update, &Object::organization(INSIDE)));
    assert!(!may(Action::Read, &Object::organization(OUTSIDE)));
    assert!(may(Action::Read, &Object::organization_member(INSIDE, OTHER)));
    assert!(!may(Action::Read, &Object::organization_member(INSIDE, ME)));
}

#[test]
fn an_object_without_an_id_needs_the_wildcard_of_its_type() {
    let user = format!("user:{OTHER}");
    let create = |entry: &str, object| authorize(&owner(&["coder:all"], &[entry]), Action::Create, &object);
    assert!(!create(&user, Object::any(On::User)) && create("user:*", Object::any(On::User)));
    assert!(!create(&user, Object::api_key(ME)) && create("api_key:*", Object::api_key(ME)));
    let member = Object::new_organization_member(INSIDE);
    assert!(!create(&format!("organization_member:{OTHER}"), member));
    assert!(create("organization_member:*", member));
}

fn any_of<T: Copy + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(values)
}

fn id() -> impl Strategy<Value = Uuid> {
    any_of(&[ME, OTHER, INSIDE, OUTSIDE])
}

fn unrestricted() -> impl Strategy<Value = Subject> {
    let site = prop::collection::vec(any_of(SiteRole::ALL), 0..3);
    let organization = prop::collection::vec(any_of(OrganizationRole::ALL), 0..4);
    (site, organization, any::<bool>()).prop_map(|(roles, organization, is_service_account)| Subject {
        roles,
        organizations: vec![(INSIDE, organization)],
        is_service_account,
        ..subject(&[], &[])
    })
}

fn any_object() -> impl Strategy<Value = Object> {
    let [id, owner, organization] = [(); 3].map(|()| prop::option::of(id()));
    (any_of(On::ALL), id, owner, organization).prop_map(|(resource, id, owner, organization)| Object {
        resource,
        id,
        owner,
        organization,
    })
}

fn scopes() -> impl Strategy<Value = ScopeSet> {
    prop::collection::vec(any_of(&PUBLIC_SCOPES), 0..6)
        .prop_map(|names| ScopeSet::from_names(&names.into_iter().map(str::to_owned).collect::<Vec<_>>()))
}

fn allow_list() -> impl Strategy<Value = AllowList> {
    let entry = (any_of(On::ALL), prop::option::of(id())).prop_map(|(resource, id)| {
        let id = id.map_or_else(|| "*".to_owned(), |id| id.to_string());
        format!("{}:{id}", resource.as_str())
    });
    prop::collection::vec(entry, 0..20).prop_map(|entries| AllowList::from_stored(&entries))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_key_permits_no_more_than_a_key_that_covers_it(
        subject in unrestricted(),
        object in any_object(),
        action in any_of(Action::ALL),
        scopes in scopes(),
        allow_list in allow_list(),
    ) {
        let narrow = Subject { scopes, allow_list, ..subject.clone() };
        prop_assert!(subject.scopes.covers(&narrow.scopes));
        prop_assert!(subject.allow_list.covers(&narrow.allow_list));
        let expected = authorize(&subject, action, &object)
            && narrow.scopes.allows(object.resource, action)
            && narrow.allow_list.permits(object.resource, object.id);
        prop_assert_eq!(authorize(&narrow, action, &object), expected);
    }

    #[test]
    fn covering_scopes_allow_every_action_of_the_covered_ones(wide in scopes(), narrow in scopes()) {
        let allowed = |set: ScopeSet| {
            let pairs = On::ALL.iter().flat_map(|resource| Action::ALL.iter().map(move |action| (*resource, *action)));
            pairs.map(|(resource, action)| set.allows(resource, action)).collect::<Vec<_>>()
        };
        let is_superset = allowed(wide).into_iter().zip(allowed(narrow)).all(|(wide, narrow)| wide || !narrow);
        prop_assert_eq!(wide.covers(&narrow), is_superset);
    }
}
