//! `DELETE /users/{user}/keys/{keyid}` and `PUT /users/{user}/keys/{keyid}/expire`.

use http::Method;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::json;

use crate::cases::{assert_exchange, cases};
use chrono::TimeDelta;

async fn expire(actor: &Actor, key: &Actor) -> Answer {
    actor.call(Method::PUT, &format!("/users/me/keys/{}/expire", key.key_id()), None).await
}

async fn delete(actor: &Actor, key: &Actor) -> Answer {
    actor.delete(&format!("/users/me/keys/{}", key.key_id())).await
}

#[tokio::test]
async fn a_deleted_key_leaves_no_items() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    let before = app.item_keys().await;
    let token = owner.create_token(json!({ "token_name": "ci" })).await;
    token.get("/users/me").await.expect_status(200);
    let deleted = delete(&owner, &token).await.expect_status(204);
    assert_exchange!("an_owner_deletes_a_token", deleted);
    token.get("/users/me").await.expect_status(401);
    delete(&owner, &token).await.expect_status(404);
    assert_eq!(app.item_keys().await, before);
}

#[tokio::test]
async fn an_expired_key_stops_working_and_stays_listed() {
    let (_app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({ "token_name": "ci" })).await;
    token.get("/users/me").await.expect_status(200);
    let expired = expire(&owner, &token).await.expect_status(204);
    assert_exchange!("an_owner_expires_a_token", expired);
    token.get("/users/me").await.expect_status(401);
    assert_eq!(owner.get("/users/me/keys/tokens").await.text, "[]\n");
    let list = owner.get("/users/me/keys/tokens?include_expired=true").await.expect_status(200);
    assert_eq!(list.text_at("/0/token_name"), "ci");
}

#[tokio::test]
async fn expiring_twice_keeps_the_first_expiry() {
    let (app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({ "token_name": "ci" })).await;
    expire(&owner, &token).await.expect_status(204);
    let first = owner.get("/users/me/keys/tokens/ci").await.expect_status(200);
    app.clock.advance(TimeDelta::minutes(1));
    expire(&owner, &token).await.expect_status(204);
    assert_eq!(owner.get("/users/me/keys/tokens/ci").await.expect_status(200).text, first.text);
    delete(&owner, &token).await.expect_status(204);
    owner.get("/users/me/keys/tokens/ci").await.expect_status(404);
}

#[tokio::test]
async fn a_key_deletes_or_expires_itself_in_its_first_use() {
    let (app, owner) = TestApp::with_owner().await;
    for key in [owner.create_token(json!({})).await, app.sign_in("owner").await] {
        delete(&key, &key).await.expect_status(204);
        key.get("/users/me").await.expect_status(401);
    }
    for key in [owner.create_token(json!({})).await, app.sign_in("owner").await] {
        expire(&key, &key).await.expect_status(204);
        key.get("/users/me").await.expect_status(401);
    }
}

#[tokio::test]
async fn an_owner_ends_the_keys_of_another_user() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let token = ada.create_token(json!({})).await;
    expire(&owner, &token).await.expect_status(204);
    token.get("/users/me").await.expect_status(401);
    delete(&owner, &ada).await.expect_status(204);
    ada.get("/users/me").await.expect_status(401);
}

#[tokio::test]
async fn for_other_callers_the_key_is_not_found() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let token = ada.create_token(json!({ "token_name": "ci" })).await;
    let missing = owner.delete("/users/me/keys/0000000000").await.expect_status(404).text;
    let unknown = owner.put("/users/me/keys/0000000000/expire", json!(null)).await.expect_status(404).text;
    assert_eq!(unknown, missing);
    for role in ["member", "user-admin", "auditor", "template-admin"] {
        let actor = app.user_with_roles(&owner, role, &[role]).await;
        assert_eq!(delete(&actor, &token).await.expect_status(404).text, missing, "{role}");
        assert_eq!(expire(&actor, &token).await.expect_status(404).text, missing, "{role}");
    }
    token.get("/users/me").await.expect_status(200);
}

#[tokio::test]
async fn each_operation_needs_its_own_scope() {
    let (_app, owner) = TestApp::with_owner().await;
    let victim = owner.create_token(json!({})).await;
    let reader = owner.create_token(json!({ "scopes": ["user:read", "api_key:read"] })).await;
    delete(&reader, &victim).await.expect_status(404);
    expire(&reader, &victim).await.expect_status(404);
    let updater = owner.create_token(json!({ "scopes": ["user:read", "api_key:update"] })).await;
    expire(&updater, &victim).await.expect_status(404);
    victim.get("/users/me").await.expect_status(200);
    let deleter = owner.create_token(json!({ "scopes": ["user:read", "api_key:delete"] })).await;
    delete(&deleter, &victim).await.expect_status(204);
}

#[tokio::test]
async fn keys_of_a_deleted_user_are_not_found() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    owner.delete("/users/ada").await.expect_status(200);
    delete(&owner, &ada).await.expect_status(404);
    expire(&owner, &ada).await.expect_status(404);
}

cases! {
    an_unknown_key_is_not_deleted: member DELETE "/users/me/keys/0000000000" => 404;
    an_unknown_key_is_not_expired: member PUT "/users/me/keys/0000000000/expire" => 404;
    deleting_a_key_without_a_token_is_refused: anonymous DELETE "/users/me/keys/0000000000" => 401;
    expiring_a_key_without_a_token_is_refused: anonymous PUT "/users/me/keys/0000000000/expire" => 401;
}
