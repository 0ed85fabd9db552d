//! `POST /users/logout`.

use roster_tests::TestApp;
use serde_json::json;

use crate::cases::cases;

#[tokio::test]
async fn the_session_ends_and_the_cookie_is_cleared() {
    let (app, owner) = TestApp::with_owner().await;
    let answer = owner.post("/users/logout", json!(null)).await.expect_status(200);
    assert_eq!(answer.json().as_object().map(serde_json::Map::len), Some(1), "{}", answer.text);
    assert!(!answer.text_at("/message").is_empty(), "{}", answer.text);
    let cookies = answer.set_cookies("coder_session_token");
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    let mut parts: Vec<&str> = cookies[0].split("; ").collect();
    parts.sort_unstable();
    assert_eq!(parts, ["Max-Age=0", "Path=/", "SameSite=Lax", "coder_session_token="]);

    owner.get("/users/me").await.expect_status(401);
    owner.post("/users/logout", json!(null)).await.expect_status(401);
    app.anonymous().post("/users/logout", json!(null)).await.expect_status(401);
}

#[tokio::test]
async fn other_sessions_and_tokens_keep_working() {
    let (app, owner) = TestApp::with_owner().await;
    let other = app.sign_in("owner").await;
    let token = owner.create_token(json!({ "token_name": "ci" })).await;
    owner.post("/users/logout", json!(null)).await.expect_status(200);
    for key in [&other, &token] {
        key.get("/users/me").await.expect_status(200);
    }
}

#[tokio::test]
async fn logout_ends_the_users_own_application_connect_keys() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let connects = json!({ "token_name": "connect", "scope": "application_connect" });
    ada.create_token(connects.clone()).await;
    ada.create_token(json!({ "scopes": ["user:read", "coder:application_connect"] })).await;
    ada.create_token(json!({ "token_name": "stays", "scopes": ["workspace:application_connect"] })).await;
    owner.create_token(connects).await;
    ada.post("/users/logout", json!(null)).await.expect_status(200);
    let left = owner.get("/users/me/keys/tokens?include_all=true").await.expect_status(200).json();
    let left: Vec<_> =
        left.as_array().into_iter().flatten().map(|key| (&key["username"], &key["token_name"])).collect();
    assert_eq!(left, [(&json!("ada"), &json!("stays")), (&json!("owner"), &json!("connect"))]);
}

#[tokio::test]
async fn a_token_logs_itself_out_and_frees_its_name() {
    let (_app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({ "token_name": "ci" })).await;
    token.post("/users/logout", json!(null)).await.expect_status(200);
    token.get("/users/me").await.expect_status(401);
    owner.create_token(json!({ "token_name": "ci" })).await;
}

#[tokio::test]
async fn logout_without_the_scope_to_delete_keys_is_refused() {
    let (_app, owner) = TestApp::with_owner().await;
    let reader = owner.create_token(json!({ "scopes": ["user:read"] })).await;
    let refused = reader.post("/users/logout", json!(null)).await.expect_status(403);
    assert!(refused.set_cookies("coder_session_token").is_empty(), "{:?}", refused.headers);
    reader.get("/users/me").await.expect_status(200);
}

#[tokio::test]
async fn the_scope_to_delete_keys_allows_logout() {
    let (_app, owner) = TestApp::with_owner().await;
    let deleter = owner.create_token(json!({ "scopes": ["api_key:delete"] })).await;
    deleter.post("/users/logout", json!(null)).await.expect_status(200);
    deleter.post("/users/logout", json!(null)).await.expect_status(401);
}

cases! {
    a_session_signs_out: member POST "/users/logout" => 200;
    signing_out_without_a_token_is_refused: anonymous POST "/users/logout" => 401;
}
