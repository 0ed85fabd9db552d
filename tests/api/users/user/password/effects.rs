//! Effects and costs of a password change.

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::cast::assert_signed_out;
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

use super::{ANOTHER, change, own_change, reset};

#[tokio::test]
async fn only_the_new_password_works() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    change(&owner, "ada", reset()).await.expect_status(204);
    app.login("ada@example.com", PASSWORD).await.expect_status(401);
    app.login("ada@example.com", ANOTHER).await.expect_status(201);
    let hash = app.password_hash("ada@example.com").await;
    assert!(!hash.contains(ANOTHER), "a hash, not the password");
}

#[tokio::test]
async fn an_own_change_ends_every_key_and_session() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let other_session = app.sign_in("ada").await;
    let token = ada.create_token(json!({ "token_name": "ci" })).await;
    let session_key = owner.post("/users/ada/keys", Value::Null).await.expect_status(201).text_at("/key");
    let session_key = owner.with_token(session_key);
    for actor in [&ada, &other_session, &token, &session_key] {
        actor.get("/users/me").await.expect_status(200);
    }
    change(&ada, "me", own_change()).await.expect_status(204);
    for actor in [&ada, &other_session, &token, &session_key] {
        assert_signed_out(&actor.get("/users/me").await);
    }
    owner.get("/users/me").await.expect_status(200);
}

#[tokio::test]
async fn ended_keys_are_not_found_by_the_user_or_owners() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let token = ada.create_token(json!({ "token_name": "ci" })).await;
    change(&ada, "me", own_change()).await.expect_status(204);
    let session = app.login("ada@example.com", ANOTHER).await.expect_status(201).text_at("/session_token");
    let ada = app.anonymous().with_token(session);
    for actor in [&ada, &owner] {
        actor.get(&format!("/users/ada/keys/{}", token.key_id())).await.expect_status(404);
        actor.get("/users/ada/keys/tokens/ci").await.expect_status(404);
        assert_eq!(actor.get("/users/ada/keys/tokens").await.expect_status(200).json(), json!([]));
    }
    // The names of the old tokens are free.
    let token = ada.create_token(json!({ "token_name": "ci" })).await;
    token.get("/users/me").await.expect_status(200);
}

#[tokio::test]
async fn a_change_ends_five_hundred_keys_at_once() {
    const KEYS: usize = 500;
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let mut tokens: Vec<Actor> = Vec::new();
    for index in 0..KEYS {
        tokens.push(ada.create_token(json!({ "token_name": format!("ci-{index}") })).await);
    }
    let listed = owner.get("/users/ada/keys/tokens").await.expect_status(200).json();
    assert_eq!(listed.as_array().map(Vec::len), Some(KEYS));
    let answer = change(&owner, "ada", reset()).await.expect_status(204);
    assert!(answer.cost().trips <= 3, "{:?}", answer.cost());
    for token in &tokens {
        token.get("/users/me").await.expect_status(401);
    }
    assert_eq!(owner.get("/users/ada/keys/tokens").await.expect_status(200).json(), json!([]));
    let session = app.login("ada@example.com", ANOTHER).await.expect_status(201).text_at("/session_token");
    let ada = app.anonymous().with_token(session);
    assert_eq!(ada.get("/users/me/keys/tokens").await.expect_status(200).json(), json!([]));
}

#[tokio::test]
async fn a_reset_changes_nothing_else_of_the_user() {
    let (_app, owner, id) = TestApp::with_user("ada").await;
    let paths = ["", "/roles", "/organizations", "/gitsshkey", "/appearance", "/preferences"];
    let shown = async || {
        let mut shown = Vec::new();
        for path in paths {
            shown.push(owner.get(&format!("/users/{id}{path}")).await.expect_status(200).json());
        }
        shown
    };
    let before = shown().await;
    change(&owner, "ada", reset()).await.expect_status(204);
    // `updated_at` is among the compared members.
    assert_eq!(shown().await, before);
}

#[tokio::test]
async fn the_reset_password_of_a_deleted_user_does_not_sign_in() {
    let (app, owner, id) = TestApp::with_user("ada").await;
    owner.delete("/users/ada").await.expect_status(200);
    change(&owner, &id, reset()).await.expect_status(204);
    // The first change took effect: the current password is refused.
    change(&owner, &id, reset()).await.expect_status(400);
    app.login("ada@example.com", ANOTHER).await.expect_status(401);
}

#[tokio::test]
async fn a_reset_keeps_a_suspended_user_suspended() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    owner.call(Method::PUT, "/users/ada/status/suspend", None).await.expect_status(200);
    change(&owner, "ada", reset()).await.expect_status(204);
    assert_eq!(owner.get("/users/ada").await.expect_status(200).text_at("/status"), "suspended");
    app.login("ada@example.com", ANOTHER).await.expect_status(401);
    owner.call(Method::PUT, "/users/ada/status/activate", None).await.expect_status(200);
    app.login("ada@example.com", ANOTHER).await.expect_status(201);
}

#[tokio::test]
async fn a_password_is_used_exactly_as_given() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    let password = " pässwörd-\0-été\t";
    change(&owner, "ada", json!({ "password": password })).await.expect_status(204);
    app.login("ada@example.com", password).await.expect_status(201);
    app.login("ada@example.com", password.trim()).await.expect_status(401);
}

#[tokio::test]
async fn a_change_takes_two_trips() {
    let (_app, owner, id) = TestApp::with_user("ada").await;
    owner.get("/users/me").await.expect_status(200);
    let by_id = change(&owner, &id, reset()).await.expect_status(204).cost();
    let own = change(&owner, "me", own_change()).await.expect_status(204).cost();
    assert_eq!((by_id.trips, own.trips), (2, 2));
}
