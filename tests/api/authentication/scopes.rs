//! A request is allowed only if the user's roles and the key's scopes and allow-list all allow it.

use http::{Method, StatusCode};
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

use super::UNKNOWN;

async fn with_scopes(owner: &Actor, scopes: &[&str]) -> Actor {
    owner.create_token(json!({ "scopes": scopes })).await
}

#[tokio::test]
async fn without_user_read_not_even_me_resolves() {
    let (_app, owner) = TestApp::with_owner().await;
    let missing = owner.get("/users/nobody").await.expect_status(404).text;
    for scope in ["api_key:*", "coder:apikeys.manage_self", "coder:application_connect", "workspace:*"] {
        let token = with_scopes(&owner, &[scope]).await;
        for path in ["/users/me", "/users/owner", "/users/me/keys/tokens", "/users/me/login-type"] {
            let hidden = token.get(path).await;
            assert_eq!((hidden.status, &hidden.text), (StatusCode::NOT_FOUND, &missing), "{scope} {path}");
        }
        let refused = token.post("/users/me/keys/tokens", json!({ "scopes": [scope] })).await;
        assert_eq!((refused.status, &refused.text), (StatusCode::NOT_FOUND, &missing), "{scope}");
    }
}

#[tokio::test]
async fn user_read_reads_users_and_what_hangs_on_them_and_changes_nothing() {
    let (app, owner) = TestApp::with_owner().await;
    app.create_user(&owner, "ada").await;
    let token = with_scopes(&owner, &["user:read"]).await;
    for path in ["/users/me", "/users/ada", "/users/me/login-type", "/users/me/keys/tokens/tokenconfig"] {
        token.get(path).await.expect_status(200);
    }
    assert_eq!(token.get("/users").await.expect_status(200).json()["count"], json!(2));
    let before = app.places().await;
    for (method, path, body) in [
        (Method::POST, "/users", TestApp::new_user("bob")),
        (Method::POST, "/users/me/keys", Value::Null),
        (Method::POST, "/users/me/keys/tokens", json!({ "scopes": ["user:read"] })),
        (Method::PUT, "/users/me/profile", json!({ "username": "boss" })),
        (Method::PUT, "/users/me/gitsshkey", Value::Null),
        (Method::PUT, "/users/ada/roles", json!({ "roles": ["auditor"] })),
        (Method::PUT, "/users/ada/status/suspend", Value::Null),
        (Method::DELETE, "/users/ada", Value::Null),
        (Method::POST, "/users/logout", Value::Null),
    ] {
        let refused = token.call(method.clone(), path, Some(body)).await;
        let is_refusal = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&refused.status);
        assert!(is_refusal, "{method} {path}: {} {}", refused.status, refused.text);
    }
    assert_eq!(app.places().await, before);
    assert_eq!(owner.get("/users/ada").await.text_at("/status"), "dormant");
}

#[tokio::test]
async fn the_least_that_manages_one_s_own_tokens() {
    let (_app, owner) = TestApp::with_owner().await;
    let token = with_scopes(&owner, &["user:read", "api_key:*"]).await;
    let child = token.create_token(json!({ "token_name": "child", "scopes": ["user:read"] })).await;
    token.get("/users/me/keys/tokens/child").await.expect_status(200);
    let path = format!("/users/me/keys/{}", child.key_id());
    token.put(&format!("{path}/expire"), json!(null)).await.expect_status(204);
    token.delete(&path).await.expect_status(204);
}

#[tokio::test]
async fn personal_data_has_scopes_of_its_own() {
    let (_app, owner) = TestApp::with_owner().await;
    let reader = with_scopes(&owner, &["user:read", "user:read_personal"]).await;
    reader.get("/users/me/gitsshkey").await.expect_status(200);
    reader.get("/users/me/roles").await.expect_status(200);
    reader.call(Method::PUT, "/users/me/gitsshkey", None).await.expect_status(403);
    let writer = with_scopes(&owner, &["user:read", "user:update_personal"]).await;
    let renamed = json!({ "username": "owner", "name": "Scoped" });
    assert_eq!(writer.put("/users/me/profile", renamed).await.expect_status(200).text_at("/name"), "Scoped");
    writer.get("/users/me/roles").await.expect_status(404);
}

#[tokio::test]
async fn a_scope_adds_no_right_to_the_roles() {
    let (app, owner) = TestApp::with_owner().await;
    let ada = app.user_with_roles(&owner, "ada", &[]).await;
    let token = with_scopes(&ada, &["user:*", "api_key:*"]).await;
    token.get("/users/owner").await.expect_status(404);
    token.get(&format!("/users/me/keys/{}", owner.key_id())).await.expect_status(404);
    token.delete("/users/owner").await.expect_status(404);
}

#[tokio::test]
async fn all_actions_on_users_suspend_and_delete_them() {
    let (app, owner) = TestApp::with_owner().await;
    app.create_user(&owner, "ada").await;
    let token = with_scopes(&owner, &["user:*"]).await;
    token.put("/users/ada/status/suspend", json!(null)).await.expect_status(200);
    token.delete("/users/ada").await.expect_status(200);
}

#[tokio::test]
async fn an_allow_list_without_users_hides_every_user() {
    let (_app, owner) = TestApp::with_owner().await;
    let one_workspace = json!({ "allow_list": ["workspace:0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f"] });
    let token = owner.create_token(one_workspace).await;
    token.get("/users/me").await.expect_status(404);
    assert_eq!(token.get("/users").await.expect_status(200).json(), json!({ "users": [], "count": 0 }));
}

#[tokio::test]
async fn an_allow_list_of_one_user_shows_that_user() {
    let (app, owner) = TestApp::with_owner().await;
    let ada = app.create_user(&owner, "ada").await;
    let token = owner.create_token(json!({ "allow_list": [format!("user:{ada}")] })).await;
    token.get("/users/ada").await.expect_status(200);
    token.get("/users/me").await.expect_status(404);
    assert_eq!(token.get("/users").await.expect_status(200).json()["count"], json!(1));
    token.post("/users/ada/keys/tokens", json!({ "allow_list": [format!("user:{ada}")] })).await.expect_status(403);
}

#[tokio::test]
async fn public_routes_need_no_scope() {
    let (app, owner) = TestApp::with_owner().await;
    let token = with_scopes(&owner, &["coder:application_connect"]).await;
    for actor in [&token, &app.anonymous().with_token(UNKNOWN)] {
        actor.get("/users/authmethods").await.expect_status(200);
    }
}
