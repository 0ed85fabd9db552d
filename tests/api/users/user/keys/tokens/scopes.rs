//! The scopes of a new token: valid names, their stored form, and that a key creates no wider one.

use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

async fn stored(owner: &Actor, body: Value) -> (Value, Value) {
    let token = owner.create_token(body).await;
    let key = owner.get(&format!("/users/me/keys/{}", token.key_id())).await.expect_status(200).json();
    (key["scopes"].clone(), key["scope"].clone())
}

#[tokio::test]
async fn scopes_keep_their_order_and_their_duplicates() {
    let (_app, owner) = TestApp::with_owner().await;
    let asked = json!(["user:read", "api_key:*", "user:read"]);
    assert_eq!(stored(&owner, json!({ "scopes": asked })).await, (asked, json!("")));
}

#[tokio::test]
async fn legacy_names_become_canonical_in_either_member() {
    let (_app, owner) = TestApp::with_owner().await;
    for (legacy, canonical) in [("all", "coder:all"), ("application_connect", "coder:application_connect")] {
        let expected = (json!([canonical]), json!(legacy));
        assert_eq!(stored(&owner, json!({ "scope": legacy })).await, expected);
        assert_eq!(stored(&owner, json!({ "scopes": [legacy] })).await, expected);
        assert_eq!(stored(&owner, json!({ "scopes": [canonical] })).await, expected);
    }
}

#[tokio::test]
async fn scopes_override_the_single_scope_and_the_default_is_all() {
    let (_app, owner) = TestApp::with_owner().await;
    let both = json!({ "scope": "all", "scopes": ["user:read"] });
    assert_eq!(stored(&owner, both).await, (json!(["user:read"]), json!("")));
    for nothing in [json!({ "scopes": [] }), json!({ "scopes": null, "scope": "" })] {
        assert_eq!(stored(&owner, nothing).await, (json!(["coder:all"]), json!("all")));
    }
}

#[tokio::test]
async fn every_public_scope_is_accepted() {
    let (app, owner) = TestApp::with_owner().await;
    let public = app.anonymous().get("/auth/scopes").await.expect_status(200).json()["external"].clone();
    assert_eq!(stored(&owner, json!({ "scopes": public })).await.0, public);
}

#[tokio::test]
async fn scopes_that_are_not_public_are_refused_by_name() {
    let (_app, owner) = TestApp::with_owner().await;
    for scope in ["nonsense:read", "user:create", "user:delete", "user:update", "debug_info:read", "USER:READ", "*"] {
        for body in [json!({ "scopes": ["user:read", scope] }), json!({ "scope": scope })] {
            let refused = owner.post("/users/me/keys/tokens", body).await.expect_status(400);
            assert!(refused.text_at("/detail").contains(scope), "{}", refused.text);
        }
    }
    assert_eq!(owner.get("/users/me/keys/tokens").await.text, "[]\n");
}

#[tokio::test]
async fn a_key_with_few_scopes_creates_no_wider_key() {
    let (_app, owner) = TestApp::with_owner().await;
    let narrow = owner.create_token(json!({ "scopes": ["user:read", "api_key:*"] })).await;
    for wider in [json!({}), json!({ "scopes": ["user:*"] }), json!({ "scopes": ["user:read", "workspace:read"] })] {
        narrow.post("/users/me/keys/tokens", wider).await.expect_status(403);
    }
    let same = json!({ "token_name": "child", "scopes": ["api_key:read", "user:read"] });
    let child = narrow.create_token(same).await;
    child.get("/users/me/keys/tokens/child").await.expect_status(200);
    child.post("/users/me/keys/tokens", json!({ "scopes": ["user:read"] })).await.expect_status(403);
}

#[tokio::test]
async fn a_narrow_key_creates_only_narrow_keys_for_other_users() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    let narrow = owner.create_token(json!({ "scopes": ["user:read", "api_key:*"] })).await;
    narrow.post("/users/ada/keys/tokens", json!({ "token_name": "x" })).await.expect_status(403);
    narrow.create_token_for("ada", json!({ "token_name": "x", "scopes": ["user:read"] })).await;
}
