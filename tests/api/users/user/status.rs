//! `PUT /users/{user}/status/suspend` and `…/activate`.

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::json;

use crate::cases::cases;
use crate::users::{NEVER, assert_hidden, assert_says_only_a_message, assert_signed_out, with};

async fn suspend(actor: &Actor, user: &str) -> Answer {
    actor.call(Method::PUT, &format!("/users/{user}/status/suspend"), None).await
}

async fn activate(actor: &Actor, user: &str) -> Answer {
    actor.call(Method::PUT, &format!("/users/{user}/status/activate"), None).await
}

#[tokio::test]
async fn suspension_changes_only_status_and_updated_at() {
    let (app, owner) = TestApp::with_owner().await;
    app.user_with_roles(&owner, "ada", &["auditor"]).await.get("/users/me").await.expect_status(200);
    let before = owner.get("/users/ada").await.expect_status(200).json();
    let suspended = suspend(&owner, "ada").await.expect_status(200).json();
    let changes = json!({ "status": "suspended", "updated_at": suspended["updated_at"] });
    assert_eq!(suspended, with(&before, &changes));
    assert_ne!(suspended["updated_at"], before["updated_at"]);
    assert_eq!(owner.get("/users/ada").await.json(), suspended);
}

#[tokio::test]
async fn the_next_request_of_every_key_is_401_with_the_reason() {
    let (_app, owner, session) = TestApp::with_actor("ada", &[]).await;
    let token = session.create_token(json!({ "token_name": "ci" })).await;
    suspend(&owner, "ada").await.expect_status(200);
    for key in [&session, &token] {
        for refused in [key.get("/users/me").await, key.get("/users/unknown").await, key.get("/users").await] {
            assert_eq!(refused.status, 401, "{}", refused.text);
            assert!(refused.text_at("/message").contains("suspended"), "{}", refused.text);
            assert!(refused.header("www-authenticate").starts_with("Bearer "), "{:?}", refused.headers);
        }
    }
}

#[tokio::test]
async fn activation_of_a_dormant_user_keeps_last_seen_at() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    let before = owner.get("/users/ada").await.expect_status(200).json();
    let active = activate(&owner, "ada").await.expect_status(200).json();
    let changes = json!({ "status": "active", "updated_at": active["updated_at"], "last_seen_at": NEVER });
    assert_eq!(active, with(&before, &changes));
    assert_ne!(active["updated_at"], before["updated_at"]);
    assert_eq!(owner.get("/users/ada").await.json(), active);
}

#[tokio::test]
async fn no_user_suspends_themselves_by_any_name() {
    let (_app, owner) = TestApp::with_owner().await;
    let id = owner.get("/users/me").await.text_at("/id");
    for target in ["me", "owner", &id] {
        assert_says_only_a_message(&suspend(&owner, target).await.expect_status(400));
    }
}

#[tokio::test]
async fn there_is_no_route_to_make_a_user_dormant() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    activate(&owner, "ada").await.expect_status(200);
    owner.call(Method::PUT, "/users/ada/status/dormant", None).await.expect_status(404);
    assert_eq!(owner.get("/users/ada").await.text_at("/status"), "active");
}

#[tokio::test]
async fn a_deleted_user_changes_status_by_id_and_stays_deleted() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let id = ada.get("/users/me").await.text_at("/id");
    owner.delete("/users/ada").await.expect_status(200);
    assert_eq!(suspend(&owner, &id).await.expect_status(200).text_at("/status"), "suspended");
    assert_eq!(activate(&owner, &id).await.expect_status(200).text_at("/status"), "active");
    assert_signed_out(&ada.get("/users/me").await);
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status, 401);
    assert_hidden(&owner, &owner.get("/users/ada").await).await;
    assert_eq!(owner.get("/users").await.json()["count"], 1);
}

cases! {
    an_owner_suspends_a_user: owner PUT "/users/ada/status/suspend" => 200;
    a_suspended_user_is_suspended_again: owner PUT "/users/sleeper/status/suspend" => 200;
    a_user_may_not_suspend_themselves: owner PUT "/users/me/status/suspend" => 400;
    an_owner_is_not_suspended: owner PUT "/users/boss/status/suspend" => 400;
    an_auditor_may_not_suspend_a_user: auditor PUT "/users/ada/status/suspend" => 403;
    an_unknown_user_is_not_suspended: owner PUT "/users/nobody/status/suspend" => hidden;
    a_hidden_user_is_not_suspended: member PUT "/users/ada/status/suspend" => hidden;
    suspending_a_user_without_a_token_is_refused: anonymous PUT "/users/ada/status/suspend" => 401;
    an_owner_activates_a_user: owner PUT "/users/sleeper/status/activate" => 200;
    an_active_user_is_activated_again: owner PUT "/users/me/status/activate" => 200;
    an_auditor_may_not_activate_a_user: auditor PUT "/users/sleeper/status/activate" => 403;
    an_unknown_user_is_not_activated: owner PUT "/users/nobody/status/activate" => hidden;
    a_hidden_user_is_not_activated: member PUT "/users/ada/status/activate" => hidden;
    activating_a_user_without_a_token_is_refused: anonymous PUT "/users/ada/status/activate" => 401;
}
