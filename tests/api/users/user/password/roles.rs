//! Permissions to change passwords.

use roster_tests::app::PASSWORD;
use roster_tests::cast::{UNKNOWN, assert_hidden, assert_signed_out};
use roster_tests::{Cast, TestApp};
use serde_json::json;

use super::{ANOTHER, change, own_change, reset};

#[tokio::test]
async fn owners_and_user_admins_reset_the_passwords_of_users_without_the_owner_role() {
    let cast = Cast::assemble().await;
    for (index, actor) in [&cast.owner, &cast.user_admin].into_iter().enumerate() {
        let id = cast
            .owner
            .create_user_with(&format!("target-{index}"), json!({ "user_status": "active" }))
            .await
            .text_at("/id");
        change(actor, &id, reset()).await.expect_status(204);
        cast.app.login(&format!("target-{index}@example.com"), ANOTHER).await.expect_status(201);
    }
    change(&cast.owner, "user-admin", reset()).await.expect_status(204);
    cast.app.login("user-admin@example.com", ANOTHER).await.expect_status(201);
}

#[tokio::test]
async fn an_owner_resets_the_password_of_another_owner() {
    let (app, owner, boss) = TestApp::with_actor("boss", &["owner"]).await;
    change(&boss, "owner", reset()).await.expect_status(204);
    owner.get("/users/me").await.expect_status(401);
    app.login("owner@example.com", ANOTHER).await.expect_status(201);
}

#[tokio::test]
async fn an_organization_manager_resets_no_password() {
    let (app, owner, manager) = TestApp::with_actor("manager", &[]).await;
    app.create_user(&owner, "ada").await;
    let path = "/organizations/default/members/manager/roles";
    owner.put(path, json!({ "roles": ["organization-admin"] })).await.expect_status(200);
    manager.get("/users/ada").await.expect_status(200);
    assert_hidden(&manager, &change(&manager, "ada", reset()).await).await;
    app.login("ada@example.com", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn read_only_tokens_and_no_token_change_no_password() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    for user in ["ada", "me", "unknown", UNKNOWN] {
        assert_signed_out(&change(&app.anonymous(), user, own_change()).await);
    }
    for user in ["unknown", UNKNOWN] {
        assert_hidden(&owner, &change(&owner, user, reset()).await).await;
    }
    let reader = owner.create_token(json!({ "scopes": ["user:read", "user:read_personal"] })).await;
    for (user, body) in [("me", own_change()), ("ada", reset())] {
        assert_hidden(&owner, &change(&reader, user, body).await).await;
    }
    app.login("ada@example.com", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn the_scope_to_update_personal_data_is_enough() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    let writer = owner.create_token(json!({ "scopes": ["user:read", "user:update_personal"] })).await;
    change(&writer, "ada", reset()).await.expect_status(204);
    change(&writer, "me", own_change()).await.expect_status(204);
    for name in ["ada", "owner"] {
        app.login(&format!("{name}@example.com"), ANOTHER).await.expect_status(201);
    }
}
