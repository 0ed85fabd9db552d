//! A request is allowed only if the roles of the user, the scopes of the key and its allow list all allow it.

use http::{Method, StatusCode};
use roster_tests::cast::assert_forbidden;
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

use super::UNKNOWN;

async fn with_scopes(owner: &Actor, scopes: &[&str]) -> Actor {
    owner.create_token(json!({ "scopes": scopes })).await
}

#[tokio::test]
async fn without_the_scope_user_read_me_is_not_found() {
    let (_app, owner) = TestApp::with_owner().await;
    let missing = owner.get("/users/unknown").await.expect_status(404).text;
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
async fn the_scope_user_read_reads_users_and_changes_nothing() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    let token = with_scopes(&owner, &["user:read"]).await;
    for path in ["/users/me", "/users/ada", "/users/me/login-type", "/users/me/keys/tokens/tokenconfig"] {
        token.get(path).await.expect_status(200);
    }
    assert_eq!(token.get("/users").await.expect_status(200).json()["count"], json!(2));
    let before = app.item_keys().await;
    for (method, path, body, status) in [
        // The scope reads no organization and changes no name.
        (Method::POST, "/users", TestApp::new_user("bob"), StatusCode::NOT_FOUND),
        (Method::PUT, "/users/me/profile", json!({ "username": "boss" }), StatusCode::NOT_FOUND),
        (Method::POST, "/users/me/keys", Value::Null, StatusCode::FORBIDDEN),
        (Method::POST, "/users/me/keys/tokens", json!({ "scopes": ["user:read"] }), StatusCode::FORBIDDEN),
        (Method::PUT, "/users/me/gitsshkey", Value::Null, StatusCode::FORBIDDEN),
        (Method::PUT, "/users/ada/roles", json!({ "roles": ["auditor"] }), StatusCode::FORBIDDEN),
        (Method::PUT, "/users/ada/status/suspend", Value::Null, StatusCode::FORBIDDEN),
        (Method::DELETE, "/users/ada", Value::Null, StatusCode::FORBIDDEN),
        (Method::POST, "/users/logout", Value::Null, StatusCode::FORBIDDEN),
    ] {
        let refused = token.call(method.clone(), path, Some(body)).await;
        assert_eq!(refused.status, status, "{method} {path}: {}", refused.text);
    }
    assert_eq!(app.item_keys().await, before);
    assert_eq!(owner.get("/users/ada").await.text_at("/status"), "dormant");
}

#[tokio::test]
async fn own_tokens_are_managed_with_the_smallest_scopes() {
    let (_app, owner) = TestApp::with_owner().await;
    let token = with_scopes(&owner, &["user:read", "api_key:*"]).await;
    let child = token.create_token(json!({ "token_name": "child", "scopes": ["user:read"] })).await;
    token.get("/users/me/keys/tokens/child").await.expect_status(200);
    let path = format!("/users/me/keys/{}", child.key_id());
    token.put(&format!("{path}/expire"), json!(null)).await.expect_status(204);
    token.delete(&path).await.expect_status(204);
}

#[tokio::test]
async fn personal_data_needs_its_own_scopes() {
    let (app, owner) = TestApp::with_owner().await;
    let reader = with_scopes(&owner, &["user:read", "user:read_personal"]).await;
    reader.get("/users/me/gitsshkey").await.expect_status(200);
    reader.get("/users/me/roles").await.expect_status(200);
    reader.call(Method::PUT, "/users/me/gitsshkey", None).await.expect_status(403);
    let writer = with_scopes(&owner, &["user:read", "user:update_personal"]).await;
    let renamed = json!({ "username": "owner", "name": "Scoped" });
    assert_eq!(writer.put("/users/me/profile", renamed).await.expect_status(200).text_at("/name"), "Scoped");
    writer.get("/users/me/roles").await.expect_status(404);
    // Username, status and deletion are not personal data.
    writer.put("/users/me/profile", json!({ "username": "boss" })).await.expect_status(404);
    app.create_user(&owner, "ada").await;
    for change in ["suspend", "activate"] {
        assert_forbidden(&writer.call(Method::PUT, &format!("/users/ada/status/{change}"), None).await);
    }
    assert_forbidden(&writer.delete("/users/ada").await);
    assert_forbidden(
        &with_scopes(&owner, &["user:read"]).await.put("/users/me/profile", json!({ "username": "owner" })).await,
    );
}

#[tokio::test]
async fn a_scope_adds_no_permission_to_the_roles() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let token = with_scopes(&ada, &["user:*", "api_key:*"]).await;
    token.get("/users/owner").await.expect_status(404);
    token.get(&format!("/users/me/keys/{}", owner.key_id())).await.expect_status(404);
    token.delete("/users/owner").await.expect_status(404);
}

#[tokio::test]
async fn all_actions_on_users_suspend_and_delete_them() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    let token = with_scopes(&owner, &["user:*"]).await;
    token.put("/users/ada/status/suspend", json!(null)).await.expect_status(200);
    // Roles and memberships are separate objects with their own scopes.
    assert_forbidden(&token.get("/users/roles").await);
    assert_forbidden(&token.put("/users/ada/roles", json!({ "roles": ["auditor"] })).await);
    token.get("/users/ada/organizations").await.expect_status(200);
    token.delete("/users/ada").await.expect_status(200);
}

#[tokio::test]
async fn an_unreadable_organization_is_reported_before_the_missing_permission() {
    let (_app, owner) = TestApp::with_owner().await;
    let blind = with_scopes(&owner, &["user:*"]).await;
    let refused = blind.post("/users", TestApp::new_user("bob")).await.expect_status(404);
    assert!(refused.text_at("/message").contains("organization"), "{}", refused.text);
    let reader = with_scopes(&owner, &["user:*", "organization:read"]).await;
    assert_forbidden(&reader.post("/users", TestApp::new_user("bob")).await);
    owner.get("/users/bob").await.expect_status(404);
}

#[tokio::test]
async fn organization_roles_need_the_scope_to_read_members() {
    let (_app, owner) = TestApp::with_owner().await;
    let organization = owner.get("/users/me/organizations").await.text_at("/0/id");
    let roles = async |scopes: &[&str]| {
        let token = with_scopes(&owner, scopes).await;
        token.get("/users/me/roles").await.expect_status(200).json()["organization_roles"].clone()
    };
    let personal = ["user:read", "user:read_personal"];
    assert_eq!(roles(&personal).await, json!({}));
    assert_eq!(roles(&["coder:all"]).await, json!({ organization: [] }));
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
    let (_app, owner, ada) = TestApp::with_user("ada").await;
    let token = owner.create_token(json!({ "allow_list": [format!("user:{ada}")] })).await;
    token.get("/users/ada").await.expect_status(200);
    token.get("/users/me").await.expect_status(404);
    assert_eq!(token.get("/users").await.expect_status(200).json()["count"], json!(1));
    token.post("/users/ada/keys/tokens", json!({ "allow_list": [format!("user:{ada}")] })).await.expect_status(403);
}

#[tokio::test]
async fn the_users_of_an_allow_list_are_read_by_id() {
    let (app, owner, member) = TestApp::with_actor("member", &[]).await;
    let mut named = Vec::new();
    for name in ["carol", "ada", "bob", "dora"] {
        named.push(format!("user:{}", app.create_user(&owner, name).await));
    }
    owner.delete("/users/bob").await.expect_status(200);
    let me = owner.get("/users/me").await.expect_status(200).text_at("/id");
    let those = [&named[..3], &[format!("user:{me}"), "workspace:*".to_owned()]].concat();
    let token = owner.create_token(json!({ "allow_list": those })).await;
    for (query, expected, count) in [
        ("", vec!["ada", "carol", "owner"], 3),
        ("limit=1&offset=1", vec!["carol"], 3),
        ("q=status:dormant", vec!["ada", "carol"], 2),
        ("q=CAR", vec!["carol"], 1),
        ("q=ada@example.com", vec!["ada"], 1),
        ("q=dora", vec![], 0),
    ] {
        let answer = token.get(&format!("/users?{query}")).await.expect_status(200);
        let users = answer.json()["users"].as_array().cloned().unwrap_or_default();
        assert_eq!(users.iter().map(|user| &user["username"]).collect::<Vec<_>>(), expected, "{query}");
        assert_eq!(answer.json()["count"], json!(count), "{query}");
        // The calls read the caller and the listed users; the user index is not loaded.
        assert_eq!((answer.cost().trips, answer.cost().calls), (2, 2), "{query}");
    }
    // An allow list does not grant access to users whom the caller may not read.
    let token = member.create_token(json!({ "allow_list": named })).await;
    let answer = token.get("/users?q=a").await.expect_status(200);
    assert_eq!((answer.json(), answer.cost().calls), (json!({ "users": [], "count": 0 }), 1));
}

#[tokio::test]
async fn public_routes_need_no_scope() {
    let (app, owner) = TestApp::with_owner().await;
    let token = with_scopes(&owner, &["coder:application_connect"]).await;
    for actor in [&token, &app.anonymous().with_token(UNKNOWN)] {
        actor.get("/users/authmethods").await.expect_status(200);
    }
}
