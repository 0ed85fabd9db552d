//! `DELETE /users/{user}`.

use http::Method;
use roster_tests::TestApp;
use roster_tests::app::PASSWORD;
use serde_json::json;

use crate::cases::cases;
use crate::users::{
    Cast, assert_hidden, assert_says_only_a_message, assert_signed_out, item_keys, organization, short_id, with,
};

#[tokio::test]
async fn a_deleted_user_is_readable_by_id_without_organizations() {
    let (_app, owner, _) = TestApp::with_actor("ada", &["auditor"]).await;
    let before = owner.get("/users/ada").await.expect_status(200).json();
    let path = format!("/users/{}", before["id"].as_str().expect("an id"));
    assert_says_only_a_message(&owner.delete("/users/ADA").await.expect_status(200));
    let after = owner.get(&path).await.expect_status(200).json();
    assert_eq!(after, with(&before, &json!({ "organization_ids": [] })));
    assert_hidden(&owner, &owner.get("/users/ada").await).await;
    let list = owner.get("/users").await.expect_status(200).json();
    assert_eq!((list["users"].as_array().map(Vec::len), &list["count"]), (Some(1), &json!(1)));
    owner.get(&format!("{path}/gitsshkey")).await.expect_status(200);
}

#[tokio::test]
async fn deletion_removes_claims_listings_password_and_count() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    let id = app.create_user(&owner, "Ada").await;
    owner.delete(&format!("/users/{id}")).await.expect_status(200);
    let short = short_id(&json!({ "id": id }));
    let mut kept = item_keys(&app).await;
    kept.retain(|key| !before.contains(key));
    assert_eq!(kept, [format!("USER#{short} / GIT_SSH_KEY"), format!("USER#{short} / PROFILE")]);
    assert_eq!(owner.get("/users?limit=1").await.json()["count"], 1);
}

#[tokio::test]
async fn name_and_email_are_free_after_each_deletion() {
    let (app, owner) = TestApp::with_owner().await;
    let mut ids = Vec::new();
    for spelling in ["ada", "Ada", "ADA"] {
        let id = app.create_user(&owner, spelling).await;
        assert!(!ids.contains(&id));
        assert_eq!(owner.get("/users/ada").await.expect_status(200).text_at("/id"), id);
        owner.delete("/users/ada").await.expect_status(200);
        ids.push(id);
    }
    for id in ids {
        owner.get(&format!("/users/{id}")).await.expect_status(200);
    }
    assert_eq!(owner.get("/users?limit=1").await.json()["count"], 1);
}

#[tokio::test]
async fn deleting_again_by_id_spares_the_next_user_of_the_name() {
    let (app, owner, first) = TestApp::with_user("ada").await;
    let path = format!("/users/{first}");
    owner.delete(&path).await.expect_status(200);
    assert_hidden(&owner, &owner.delete("/users/ada").await).await;
    let second = app.user_with_roles(&owner, "ada", &[]).await;
    assert_says_only_a_message(&owner.delete(&path).await.expect_status(200));
    second.get("/users/me").await.expect_status(200);
    assert_ne!(owner.get("/users/ada").await.expect_status(200).text_at("/id"), first);
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status, 201);
    assert_eq!(owner.get("/users?limit=1").await.json()["count"], 2);
}

#[tokio::test]
async fn keys_of_a_deleted_user_do_not_work_for_the_next_user_of_the_name() {
    let (app, owner, former) = TestApp::with_actor("ada", &[]).await;
    owner.delete("/users/ada").await.expect_status(200);
    app.create_user(&owner, "ada").await;
    assert_signed_out(&former.get("/users/me").await);
}

#[tokio::test]
async fn a_service_account_is_deleted_like_any_user() {
    let (app, owner) = TestApp::with_owner().await;
    let body = json!({
        "username": "robot", "service_account": true, "organization_ids": [organization(&owner).await],
    });
    let id = owner.post("/users", body.clone()).await.expect_status(201).text_at("/id");
    let key = owner.call(Method::POST, &format!("/users/{id}/keys"), None).await.expect_status(201);
    let robot = app.anonymous().with_token(key.text_at("/key"));
    robot.get("/users/me").await.expect_status(200);
    owner.delete("/users/robot").await.expect_status(200);
    assert_signed_out(&robot.get("/users/me").await);
    owner.post("/users", body).await.expect_status(201);
}

#[tokio::test]
async fn no_user_deletes_themselves_by_any_name() {
    let (_app, owner) = TestApp::with_owner().await;
    let id = owner.get("/users/me").await.text_at("/id");
    for target in ["me", "owner", "OWNER", &id] {
        assert_says_only_a_message(&owner.delete(&format!("/users/{target}")).await.expect_status(403));
    }
}

#[tokio::test]
async fn a_user_admin_deletes_an_owner_but_not_the_last_one() {
    let cast = Cast::assemble().await;
    let second = cast.app.user_with_roles(&cast.owner, "ada", &["owner"]).await;
    cast.user_admin.delete("/users/owner").await.expect_status(200);
    let before = item_keys(&cast.app).await;
    assert_says_only_a_message(&cast.user_admin.delete("/users/ada").await.expect_status(403));
    assert_eq!(item_keys(&cast.app).await, before);
    second.get("/users").await.expect_status(200);
    assert_eq!(second.get("/users/me").await.text_at("/roles/0/name"), "owner");
}

#[tokio::test]
async fn former_and_deleted_owners_do_not_count() {
    let cast = Cast::assemble().await;
    cast.app.user_with_roles(&cast.owner, "demoted", &["owner"]).await;
    cast.owner.put("/users/demoted/roles", json!({ "roles": [] })).await.expect_status(200);
    let deleted = cast.app.create_user(&cast.owner, "ada").await;
    cast.owner.delete("/users/ada").await.expect_status(200);
    cast.owner.put(&format!("/users/{deleted}/roles"), json!({ "roles": ["owner"] })).await.expect_status(200);
    assert_eq!(cast.user_admin.delete("/users/owner").await.status, 403);
}

#[tokio::test]
async fn concurrent_deletions_of_the_last_two_owners_leave_one() {
    let cast = Cast::assemble().await;
    cast.app.user_with_roles(&cast.owner, "ada", &["owner"]).await;
    let (first, second) = tokio::join!(cast.user_admin.delete("/users/owner"), cast.user_admin.delete("/users/ada"));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403], "{} {}", first.text, second.text);
    let owners = cast.user_admin.get("/users?q=role:owner").await.expect_status(200);
    assert_eq!(owners.json()["count"], 1);
}

cases! {
    an_owner_deletes_a_user: owner DELETE "/users/ada" => 200;
    a_user_admin_deletes_an_owner: user_admin DELETE "/users/boss" => 200;
    a_user_may_not_delete_themselves: owner DELETE "/users/me" => 403;
    an_auditor_may_not_delete_a_user: auditor DELETE "/users/ada" => 403;
    the_last_owner_is_not_deleted: user_admin DELETE "/users/owner" => 403;
    an_unknown_user_is_not_deleted: owner DELETE "/users/nobody" => hidden;
    a_hidden_user_is_not_deleted: member DELETE "/users/ada" => hidden;
    deleting_a_user_without_a_token_is_refused: anonymous DELETE "/users/ada" => 401;
}
