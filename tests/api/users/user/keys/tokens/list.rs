//! `GET /users/{user}/keys/tokens`.

use chrono::TimeDelta;
use roster_tests::{Answer, TestApp};
use serde_json::json;

use crate::cases::assert_exchange;
use crate::cases::cases;
use crate::users::user::keys::HOUR;

/// `<username>/<token name>` of each token, in the order of the answer.
fn listed(answer: &Answer) -> Vec<String> {
    let tokens = answer.json();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let tokens = tokens.as_array().into_iter().flatten();
    tokens.map(|token| format!("{}/{}", text(&token["username"]), text(&token["token_name"]))).collect()
}

#[tokio::test]
async fn without_tokens_the_list_is_empty_and_not_null() {
    let (_app, owner) = TestApp::with_owner().await;
    for path in ["/users/me/keys/tokens", "/users/me/keys/tokens?include_all=true&include_expired=true"] {
        assert_eq!(owner.get(path).await.expect_status(200).text, "[]\n", "{path}");
    }
}

#[tokio::test]
async fn tokens_are_listed_in_the_order_of_their_creation() {
    let (_app, owner) = TestApp::with_owner().await;
    for name in ["zulu", "alpha", "mike", "bravo"] {
        owner.create_token(json!({ "token_name": name })).await;
    }
    let list = owner.get("/users/me/keys/tokens").await.expect_status(200);
    assert_eq!(listed(&list), ["owner/zulu", "owner/alpha", "owner/mike", "owner/bravo"]);
}

#[tokio::test]
async fn a_listed_token_is_the_key_with_the_username() {
    let (_app, owner) = TestApp::with_owner().await;
    owner.create_token(json!({ "token_name": "ci", "scopes": ["user:read"] })).await;
    let mut expected = owner.get("/users/me/keys/tokens/ci").await.expect_status(200).json();
    expected["username"] = json!("owner");
    assert_eq!(owner.get("/users/me/keys/tokens").await.expect_status(200).json(), json!([expected]));
}

#[tokio::test]
async fn sessions_are_not_listed_with_tokens() {
    let (app, owner) = TestApp::with_owner().await;
    app.sign_in("owner").await;
    owner.post("/users/me/keys", json!(null)).await.expect_status(201);
    let list = owner.get("/users/me/keys/tokens?include_all=true&include_expired=true").await.expect_status(200);
    assert_eq!(list.text, "[]\n");
}

#[tokio::test]
async fn an_owner_lists_the_tokens_of_all_users_on_request() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    owner.create_token(json!({ "token_name": "one" })).await;
    owner.create_token_for("ada", json!({ "token_name": "two" })).await;
    owner.create_token(json!({ "token_name": "three" })).await;
    let all = owner.get("/users/me/keys/tokens?include_all=true").await.expect_status(200);
    assert_eq!(listed(&all), ["owner/one", "ada/two", "owner/three"]);
    assert_eq!(listed(&owner.get("/users/me/keys/tokens").await), ["owner/one", "owner/three"]);
    assert_eq!(listed(&owner.get("/users/ada/keys/tokens").await), ["ada/two"]);
}

#[tokio::test]
async fn the_new_username_of_a_renamed_user_is_shown_at_once() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    owner.create_token_for("ada", json!({ "token_name": "ci" })).await;
    owner.put("/users/ada/profile", json!({ "username": "lovelace" })).await.expect_status(200);
    for path in ["/users/lovelace/keys/tokens", "/users/me/keys/tokens?include_all=true"] {
        assert_eq!(listed(&owner.get(path).await.expect_status(200)), ["lovelace/ci"], "{path}");
    }
}

#[tokio::test]
async fn a_list_of_all_users_shows_a_member_only_their_own_tokens() {
    let (app, owner) = TestApp::with_owner().await;
    owner.create_token(json!({ "token_name": "secret" })).await;
    for role in ["member", "user-admin", "auditor"] {
        let actor = app.user_with_roles(&owner, role, &[role]).await;
        actor.create_token(json!({ "token_name": "mine" })).await;
        let all = actor.get("/users/me/keys/tokens?include_all=true").await.expect_status(200);
        assert_eq!(listed(&all), [format!("{role}/mine")]);
    }
}

#[tokio::test]
async fn readers_of_a_user_without_the_keys_get_an_empty_list() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    owner.create_token_for("ada", json!({ "token_name": "ci" })).await;
    let admin = app.user_with_roles(&owner, "admin", &["user-admin"]).await;
    assert_eq!(admin.get("/users/ada/keys/tokens").await.expect_status(200).text, "[]\n");
    assert_eq!(admin.get("/users/ada/keys/tokens?include_all=true").await.expect_status(200).text, "[]\n");
}

#[tokio::test]
async fn a_scope_without_keys_gives_an_empty_list() {
    let (_app, owner) = TestApp::with_owner().await;
    let reader = owner.create_token(json!({ "token_name": "reader", "scopes": ["user:read"] })).await;
    assert_eq!(reader.get("/users/me/keys/tokens").await.expect_status(200).text, "[]\n");
    assert_eq!(reader.get("/users/me/keys/tokens?include_all=true").await.expect_status(200).text, "[]\n");
}

#[tokio::test]
async fn expired_tokens_are_listed_on_request() {
    let (app, owner) = TestApp::with_owner().await;
    owner.create_token(json!({ "token_name": "short", "lifetime": HOUR })).await;
    owner.create_token(json!({ "token_name": "long", "lifetime": 3 * HOUR })).await;
    app.clock.advance(TimeDelta::hours(2));
    for all in ["", "&include_all=true"] {
        let path = |expired: &str| format!("/users/me/keys/tokens?include_expired={expired}{all}");
        for expired in ["1", "t", "T", "TRUE", "true", "True"] {
            let list = owner.get(&path(expired)).await.expect_status(200);
            assert_eq!(listed(&list), ["owner/short", "owner/long"], "{expired}");
        }
        for expired in ["0", "f", "false", "maybe", "tRUE", ""] {
            assert_eq!(listed(&owner.get(&path(expired)).await.expect_status(200)), ["owner/long"], "{expired}");
        }
    }
}

#[tokio::test]
async fn tokens_of_a_deleted_user_are_not_listed() {
    let (_app, owner, id) = TestApp::with_user("ada").await;
    owner.create_token_for("ada", json!({ "token_name": "ci" })).await;
    owner.delete("/users/ada").await.expect_status(200);
    for path in [format!("/users/{id}/keys/tokens?"), "/users/me/keys/tokens?include_all=true&".to_owned()] {
        let list = owner.get(&format!("{path}include_expired=true")).await.expect_status(200);
        assert_eq!(list.text, "[]\n", "{path}");
    }
}

#[tokio::test]
async fn a_token_that_lists_itself_sees_its_current_use() {
    let (_app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({ "token_name": "ci" })).await;
    let first = token.get("/users/me/keys/tokens").await.expect_status(200);
    assert_ne!(first.text_at("/0/last_used"), "1970-01-01T00:00:00Z");
    assert_eq!(owner.get("/users/me/keys/tokens").await.text_at("/0/last_used"), first.text_at("/0/last_used"));
}

#[tokio::test]
async fn an_owner_lists_their_own_tokens() {
    let (_app, owner) = TestApp::with_owner().await;
    owner.create_token(json!({ "token_name": "ci" })).await;
    let listed = owner.get("/users/me/keys/tokens").await.expect_status(200);
    assert_exchange!("an_owner_lists_their_own_tokens", listed);
}

cases! {
    a_member_without_tokens_lists_none: member GET "/users/me/keys/tokens" => 200;
    a_user_admin_sees_no_tokens_of_another_user: user_admin GET "/users/ada/keys/tokens" => 200;
    tokens_without_a_token_are_refused: anonymous GET "/users/me/keys/tokens" => 401;
    tokens_of_a_hidden_user_are_not_found: member GET "/users/ada/keys/tokens" => hidden;
    tokens_of_an_unknown_user_are_not_found: member GET "/users/nobody/keys/tokens" => hidden;
}
