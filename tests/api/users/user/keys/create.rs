//! `POST /users/{user}/keys`: session keys.

use chrono::TimeDelta;
use roster_tests::{Actor, TestApp};
use serde_json::json;

use crate::cases::cases;
use crate::users::user::keys::UNKNOWN_ID;

async fn create(asked_by: &Actor, user: &str) -> Actor {
    let created = asked_by.post(&format!("/users/{user}/keys"), json!(null)).await.expect_status(201);
    asked_by.with_token(created.text_at("/key"))
}

#[tokio::test]
async fn a_key_is_a_session_of_a_week() {
    let (_app, owner) = TestApp::with_owner().await;
    let session = create(&owner, "me").await;
    let key = owner.get(&format!("/users/me/keys/{}", session.key_id())).await.expect_status(200);
    let shown = key.json();
    assert_eq!((&shown["login_type"], &shown["token_name"]), (&json!("password"), &json!("")));
    assert_eq!((&shown["scopes"], &shown["allow_list"]), (&json!(["coder:all"]), &json!(["*:*"])));
    assert_eq!(shown["lifetime_seconds"], json!(604_800));
    assert_eq!(key.micros_at("/expires_at") - key.micros_at("/created_at"), 604_800_000_000);
}

#[tokio::test]
async fn a_session_key_has_the_default_token_lifetime() {
    let (_app, owner) = TestApp::with_settings(&[("ROSTER_DEFAULT_TOKEN_LIFETIME", "36h")]).await;
    let session = create(&owner, "me").await;
    let key = owner.get(&format!("/users/me/keys/{}", session.key_id())).await.expect_status(200);
    assert_eq!(key.json()["lifetime_seconds"], json!(129_600));
}

#[tokio::test]
async fn a_session_key_sets_no_cookie_and_survives_logout() {
    let (_app, owner) = TestApp::with_owner().await;
    let created = owner.post("/users/me/keys", json!(null)).await.expect_status(201);
    assert!(created.set_cookies("coder_session_token").is_empty(), "{:?}", created.headers);
    owner.post("/users/logout", json!(null)).await.expect_status(200);
    owner.with_token(created.text_at("/key")).get("/users/me").await.expect_status(200);
}

#[tokio::test]
async fn use_extends_a_session_key() {
    let (app, owner) = TestApp::with_owner().await;
    let session = create(&owner, "me").await;
    app.clock.advance(TimeDelta::days(6));
    session.get("/users/me").await.expect_status(200);
    app.clock.advance(TimeDelta::days(6));
    session.get("/users/me").await.expect_status(200);
}

#[tokio::test]
async fn a_session_key_inherits_scopes_and_allow_list() {
    let (_app, owner) = TestApp::with_owner().await;
    let narrow = json!({ "scopes": ["user:read", "api_key:*"], "allow_list": ["api_key:*", "user:*"] });
    let narrow = owner.create_token(narrow).await;
    let session = create(&narrow, "me").await;
    let key = owner.get(&format!("/users/me/keys/{}", session.key_id())).await.expect_status(200).json();
    assert_eq!(key["scopes"], json!(["user:read", "api_key:*"]));
    assert_eq!(key["allow_list"], json!(["api_key:*", "user:*"]));
    session.get("/users/me/gitsshkey").await.expect_status(403);
}

#[tokio::test]
async fn an_owner_creates_a_session_key_for_another_user() {
    let (_app, owner, id) = TestApp::with_user("ada").await;
    assert_eq!(create(&owner, "ada").await.get("/users/me").await.expect_status(200).text_at("/id"), id);
}

#[tokio::test]
async fn a_deleted_user_gets_no_session_key() {
    let (_app, owner, gone) = TestApp::with_user("gone").await;
    owner.delete("/users/gone").await.expect_status(200);
    let missing = owner.post(&format!("/users/{UNKNOWN_ID}/keys"), json!(null)).await.expect_status(404);
    for user in ["gone", &gone] {
        let hidden = owner.post(&format!("/users/{user}/keys"), json!(null)).await.expect_status(404);
        assert_eq!(hidden.text, missing.text);
    }
}

cases! {
    a_member_creates_a_session_key: member POST "/users/me/keys" => 201;
    an_auditor_may_not_create_a_session_key: auditor POST "/users/ada/keys" => 403;
    a_session_key_of_a_hidden_user_is_not_created: member POST "/users/ada/keys" => hidden;
    a_session_key_without_a_token_is_refused: anonymous POST "/users/me/keys" => 401;
}
