//! `GET` and `PUT /users/{user}/roles`.

use roster::domain::user::User;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

use crate::cases::cases;
use crate::users::imported_user;
use crate::users::{Cast, assert_forbidden, organization, with};

async fn set(actor: &Actor, user: &str, roles: Value) -> Answer {
    actor.put(&format!("/users/{user}/roles"), json!({ "roles": roles })).await
}

/// The stored site roles, read by an owner.
async fn stored(owner: &Actor, user: &str) -> Value {
    owner.get(&format!("/users/{user}/roles")).await.expect_status(200).json()["roles"].clone()
}

#[tokio::test]
async fn site_and_organization_roles_are_shown_by_name() {
    let cast = Cast::assemble().await;
    let id = organization(&cast.owner).await;
    let path = format!("/organizations/{id}/members/auditor/roles");
    cast.owner.put(&path, json!({ "roles": ["organization-admin"] })).await.expect_status(200);
    let roles = cast.owner.get("/users/auditor/roles").await.expect_status(200).json();
    assert_eq!(roles, json!({ "roles": ["auditor"], "organization_roles": { id: ["organization-admin"] } }));
}

#[tokio::test]
async fn an_unknown_stored_role_has_no_display_name_and_grants_nothing() {
    let (app, owner) = TestApp::with_owner().await;
    let legacy = User { roles: vec!["legacy".to_owned()], ..imported_user(1) };
    app.import_users(&[legacy]).expect("users can be imported");
    let user = owner.get("/users/user-0001").await.expect_status(200).json();
    assert_eq!(user["roles"], json!([{ "name": "legacy", "display_name": "" }]));
    assert_eq!(owner.get("/users?q=role:legacy").await.expect_status(200).json()["users"][0]["roles"], user["roles"]);
    let token = owner.create_token_for("user-0001", json!({})).await;
    token.get("/users/owner").await.expect_status(404);
}

#[tokio::test]
async fn a_user_without_an_organization_has_no_organization_roles() {
    let cast = Cast::assemble().await;
    let id = organization(&cast.owner).await;
    cast.owner.delete(&format!("/organizations/{id}/members/member")).await.expect_status(204);
    for actor in [&cast.owner, &cast.member] {
        let roles = actor.get("/users/member/roles").await.expect_status(200).json();
        assert_eq!(roles, json!({ "roles": [], "organization_roles": {} }));
    }
}

#[tokio::test]
async fn a_change_replaces_the_roles_and_nothing_else() {
    let (app, owner) = TestApp::with_owner().await;
    app.user_with_roles(&owner, "ada", &["auditor"]).await.get("/users/me").await.expect_status(200);
    let before = owner.get("/users/ada").await.expect_status(200).json();
    let answer = set(&owner, "ada", json!(["template-admin", "user-admin"])).await.expect_status(200).json();
    let roles = json!([
        { "name": "template-admin", "display_name": "Template Admin" },
        { "name": "user-admin", "display_name": "User Admin" },
    ]);
    assert_eq!(answer, with(&before, &json!({ "roles": roles })));
    assert_eq!(owner.get("/users/ada").await.json(), answer);
    assert_eq!(stored(&owner, "ada").await, json!(["template-admin", "user-admin"]));
}

#[tokio::test]
async fn a_repeated_role_is_stored_once_and_member_is_stored() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    set(&owner, "ada", json!(["auditor", "member", "auditor"])).await.expect_status(200);
    assert_eq!(stored(&owner, "ada").await, json!(["auditor", "member"]));
}

#[tokio::test]
async fn an_empty_missing_or_null_list_removes_all_roles() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    for body in [json!({ "roles": [] }), json!({ "roles": null }), json!({}), Value::Null] {
        set(&owner, "ada", json!(["auditor"])).await.expect_status(200);
        let answer = owner.put("/users/ada/roles", body).await.expect_status(200).json();
        assert_eq!((&answer["roles"], stored(&owner, "ada").await), (&json!([]), json!([])));
    }
}

#[tokio::test]
async fn new_roles_apply_to_the_next_request_of_a_key() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    ada.get("/users/owner").await.expect_status(404);
    set(&owner, "ada", json!(["auditor"])).await.expect_status(200);
    ada.get("/users/owner").await.expect_status(200);
    assert_forbidden(&ada.post("/users", TestApp::new_user("bob")).await);
    set(&owner, "ada", json!(["user-admin"])).await.expect_status(200);
    ada.post("/users", TestApp::new_user("bob")).await.expect_status(201);
    set(&owner, "ada", json!([])).await.expect_status(200);
    ada.get("/users/owner").await.expect_status(404);
}

#[tokio::test]
async fn an_owner_gives_and_takes_the_owner_role() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    set(&owner, "ada", json!(["owner"])).await.expect_status(200);
    set(&ada, "owner", json!(["auditor"])).await.expect_status(200);
    assert_forbidden(&set(&owner, "ada", json!([])).await);
    assert_eq!(stored(&ada, "owner").await, json!(["auditor"]));
}

#[tokio::test]
async fn concurrent_demotions_of_two_owners_leave_one() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &["owner"]).await;
    let (first, second) = tokio::join!(set(&owner, "ada", json!([])), set(&ada, "owner", json!([])));
    let done = [&first, &second].into_iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1, "{} {}", first.text, second.text);
    let listed = if first.status == 200 { &owner } else { &ada };
    assert_eq!(listed.get("/users?q=role:owner").await.expect_status(200).json()["count"], 1);
}

#[tokio::test]
async fn no_user_changes_their_own_roles_even_without_effect() {
    let (_app, owner) = TestApp::with_owner().await;
    let id = owner.get("/users/me").await.text_at("/id");
    for target in ["me", "owner", &id] {
        for roles in [json!([]), json!(["owner"]), json!(["nonsense"])] {
            set(&owner, target, roles).await.expect_status(400);
        }
    }
    assert_eq!(stored(&owner, "me").await, json!(["owner"]));
}

#[tokio::test]
async fn an_unknown_role_is_reported_before_the_missing_permission() {
    let cast = Cast::assemble().await;
    set(&cast.owner, "member", json!(["auditor"])).await.expect_status(200);
    for actor in [&cast.owner, &cast.user_admin, &cast.auditor] {
        for role in ["nonsense", "organization-admin", "Owner", ""] {
            let refused = set(actor, "member", json!(["auditor", role])).await.expect_status(400);
            assert!(refused.text_at("/message").contains(role), "{}", refused.text);
        }
    }
    assert_eq!(stored(&cast.owner, "member").await, json!(["auditor"]));
}

#[tokio::test]
async fn a_user_admin_changes_no_role_but_member() {
    let cast = Cast::assemble().await;
    let cases = [
        ("member", json!(["auditor"]), "auditor"),
        ("member", json!(["member", "owner"]), "owner"),
        ("auditor", json!([]), "auditor"),
        ("auditor", json!(["member"]), "auditor"),
        ("owner", json!([]), "owner"),
    ];
    for (target, roles, named) in cases {
        let before = stored(&cast.owner, target).await;
        let refused = set(&cast.user_admin, target, roles).await.expect_status(400);
        assert!(refused.text_at("/message").contains(named), "{}", refused.text);
        assert_eq!(stored(&cast.owner, target).await, before);
    }
    for (target, roles) in [
        ("member", json!(["member"])),
        ("member", json!([])),
        ("auditor", json!(["auditor"])),
        ("auditor", json!(["auditor", "member"])),
        ("owner", json!(["owner"])),
    ] {
        set(&cast.user_admin, target, roles.clone()).await.expect_status(200);
        assert_eq!(stored(&cast.owner, target).await, roles);
    }
}

cases! {
    a_member_reads_their_own_roles: member GET "/users/me/roles" => 200;
    roles_of_an_unknown_user_are_not_found: owner GET "/users/nobody/roles" => hidden;
    roles_of_a_hidden_user_are_not_found: member GET "/users/ada/roles" => hidden;
    an_auditor_does_not_find_the_roles_of_a_user: auditor GET "/users/ada/roles" => hidden;
    roles_without_a_token_are_refused: anonymous GET "/users/me/roles" => 401;
    an_owner_gives_a_role: owner PUT "/users/ada/roles" { "roles": ["auditor"] } => 200;
    own_roles_cannot_be_changed: owner PUT "/users/me/roles" { "roles": ["owner"] } => 400;
    roles_that_are_not_a_list_are_refused: owner PUT "/users/ada/roles" { "roles": "auditor" } => 400;
    an_unknown_role_is_refused: owner PUT "/users/ada/roles" { "roles": ["nobody"] } => 400;
    a_role_of_organizations_is_refused: owner PUT "/users/ada/roles" { "roles": ["organization-admin"] } => 400;
    a_user_admin_may_not_give_a_role: user_admin PUT "/users/ada/roles" { "roles": ["auditor"] } => 400;
    an_auditor_may_not_give_a_role: auditor PUT "/users/ada/roles" { "roles": ["auditor"] } => 403;
    roles_of_an_unknown_user_are_not_changed: owner PUT "/users/nobody/roles" { "roles": [] } => hidden;
    roles_of_a_hidden_user_are_not_changed: member PUT "/users/ada/roles" { "roles": [] } => hidden;
    changing_roles_without_a_token_is_refused: anonymous PUT "/users/ada/roles" { "roles": [] } => 401;
}
