//! `GET /users/{user}/organizations` and `GET /users/{user}/organizations/{organizationname}`.

use roster_tests::{Actor, TestApp};
use serde_json::json;
use uuid::Uuid;

use crate::cases::cases;

async fn first_organization(owner: &Actor) -> String {
    owner.get("/users/me/organizations").await.expect_status(200).text_at("/0/id")
}

#[tokio::test]
async fn the_list_holds_the_organizations_of_the_user_in_the_path() {
    let (_app, owner, id) = TestApp::with_user("ada").await;
    assert_eq!(owner.get("/users/ada/organizations").await.json().as_array().map(Vec::len), Some(1));
    let organization = first_organization(&owner).await;
    owner.delete(&format!("/organizations/{organization}/members/ada")).await.expect_status(204);
    for user in ["ada", &id] {
        assert_eq!(owner.get(&format!("/users/{user}/organizations")).await.expect_status(200).text, "[]\n");
    }
}

#[tokio::test]
async fn a_deleted_user_has_no_organizations() {
    let (_app, owner, id) = TestApp::with_user("ada").await;
    owner.delete("/users/ada").await.expect_status(200);
    assert_eq!(owner.get(&format!("/users/{id}/organizations")).await.expect_status(200).text, "[]\n");
}

#[tokio::test]
async fn an_organization_is_found_only_by_its_name_in_any_case() {
    let (_app, owner) = TestApp::with_owner().await;
    let list = owner.get("/users/me/organizations").await.expect_status(200);
    let (id, name) = (list.text_at("/0/id"), list.text_at("/0/name"));
    for name in [name.clone(), name.to_uppercase()] {
        let found = owner.get(&format!("/users/me/organizations/{name}")).await.expect_status(200);
        assert_eq!(found.json(), list.json()[0]);
    }
    let missing = owner.get("/users/unknown").await.expect_status(404).text;
    for name in [id.as_str(), "default", "nonsense", "00000000-0000-0000-0000-000000000000", "a%00b", "%00", "%20"] {
        let refused = owner.get(&format!("/users/me/organizations/{name}")).await.expect_status(404);
        assert_eq!(refused.text, missing, "{name}");
    }
}

#[tokio::test]
async fn organizations_of_another_user_are_limited_to_readable_ones() {
    let (app, owner) = TestApp::with_owner().await;
    let first = first_organization(&owner).await;
    let second = Uuid::from_u128(2);
    app.import_organization(second, "second").await;
    owner.create_user_with("ada", json!({ "organization_ids": [first, second] })).await;
    let manager = app.user_with_roles(&owner, "manager", &[]).await;
    let roles = json!({ "roles": ["organization-admin"] });
    owner.put(&format!("/organizations/{first}/members/manager/roles"), roles).await.expect_status(200);
    let auditor = app.user_with_roles(&owner, "auditor", &["auditor"]).await;
    let names = async |actor: &Actor| {
        let list = actor.get("/users/ada/organizations").await.expect_status(200).json();
        let names = list.as_array().cloned().unwrap_or_default();
        let mut names: Vec<String> = names.iter().filter_map(|one| one["name"].as_str().map(str::to_owned)).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names(&manager).await, ["coder"]);
    assert_eq!(names(&auditor).await, ["coder", "second"]);
    manager.get("/users/ada/organizations/coder").await.expect_status(200);
    let hidden = manager.get("/users/ada/organizations/second").await.expect_status(404);
    assert_eq!(hidden.text, manager.get("/users/ada/organizations/nowhere").await.text);
    auditor.get("/users/ada/organizations/second").await.expect_status(200);
}

#[tokio::test]
async fn an_organization_is_found_without_membership_of_the_user_in_the_path() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    let list = owner.get("/users/me/organizations").await.expect_status(200);
    let (id, name) = (list.text_at("/0/id"), list.text_at("/0/name"));
    owner.delete(&format!("/organizations/{id}/members/ada")).await.expect_status(204);
    let found = owner.get(&format!("/users/ada/organizations/{name}")).await.expect_status(200);
    assert_eq!(found.text_at("/id"), id);
}

#[tokio::test]
async fn a_user_without_an_organization_sees_none() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let list = owner.get("/users/me/organizations").await.expect_status(200);
    let (id, name) = (list.text_at("/0/id"), list.text_at("/0/name"));
    ada.get(&format!("/users/me/organizations/{name}")).await.expect_status(200);
    owner.delete(&format!("/organizations/{id}/members/ada")).await.expect_status(204);
    let hidden = ada.get(&format!("/users/me/organizations/{name}")).await.expect_status(404);
    assert_eq!(hidden.text, ada.get("/users/me/organizations/nonsense").await.expect_status(404).text);
}

#[tokio::test]
async fn without_the_scope_organizations_are_hidden() {
    let (_app, owner) = TestApp::with_owner().await;
    let name = owner.get("/users/me/organizations").await.text_at("/0/name");
    let reader = owner.create_token(json!({ "scopes": ["user:read"] })).await;
    assert_eq!(reader.get("/users/me/organizations").await.expect_status(200).text, "[]\n");
    reader.get(&format!("/users/me/organizations/{name}")).await.expect_status(404);
}

cases! {
    a_member_lists_their_own_organizations: member GET "/users/me/organizations" => 200;
    organizations_of_an_unknown_user_are_not_found: owner GET "/users/nobody/organizations" => hidden;
    organizations_of_a_hidden_user_are_not_found: member GET "/users/ada/organizations" => hidden;
    organizations_of_a_user_without_a_token_are_refused: anonymous GET "/users/me/organizations" => 401;
    a_member_reads_their_own_organization: member GET "/users/me/organizations/coder" => 200;
    an_organization_of_an_unknown_user_is_not_found: owner GET "/users/nobody/organizations/coder" => hidden;
    an_organization_of_a_hidden_user_is_not_found: member GET "/users/ada/organizations/coder" => hidden;
    an_unknown_organization_of_a_user_is_not_found: owner GET "/users/me/organizations/nowhere" => hidden;
    an_organization_of_a_user_without_a_token_is_refused: anonymous GET "/users/me/organizations/coder" => 401;
}
