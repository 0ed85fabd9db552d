//! Refusals of every kind of invalid token, and public routes, which ignore tokens.

use chrono::TimeDelta;
use http::Method;
use roster_tests::{Answer, TestApp};
use serde_json::json;

use super::UNKNOWN;
use crate::cases::assert_exchange;
use roster_tests::cast::assert_signed_out;

/// Asserts what all refusals share and returns the detail.
#[track_caller]
fn detail_of(answer: &Answer) -> String {
    assert_eq!(answer.status.as_u16(), 401, "{}", answer.text);
    assert!(answer.text_at("/message").contains("Sign in again"), "{}", answer.text);
    let challenge = answer.header("www-authenticate");
    let head = "Bearer realm=\"coder\", error=\"invalid_token\", error_description=\"";
    let tail = "\", resource_metadata=\"http://roster.test/.well-known/oauth-protected-resource\"";
    let description = challenge.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)).unwrap_or_default();
    assert!(!description.is_empty() && !description.contains('"'), "{challenge}");
    answer.text_at("/detail")
}

#[tokio::test]
async fn a_missing_token_is_refused_with_the_name_of_the_cookie() {
    let app = TestApp::start().await;
    for actor in [app.anonymous(), app.anonymous().with_token("")] {
        let detail = detail_of(&actor.get("/users/me").await);
        assert!(detail.contains("coder_session_token"), "{detail}");
    }
}

#[tokio::test]
async fn a_malformed_token_is_refused_with_the_invalid_part() {
    let app = TestApp::start().await;
    for (token, words) in [
        ("nonsense", vec!["two parts", "1"]),
        ("a-b-c", vec!["two parts", "3"]),
        ("0000000000-xxxxxxxxxxx-xxxxxxxxxx", vec!["two parts", "3"]),
        ("111111111-xxxxxxxxxxxxxxxxxxxxxx", vec!["id", "10", "9"]),
        ("00000000000-xxxxxxxxxxxxxxxxxxxxxx", vec!["id", "10", "11"]),
        ("0000000000-xxxxxxxxxxxxxxxxxxxxx", vec!["secret", "22", "21"]),
        ("0000000000-xxxxxxxxxxxxxxxxxxxxxxx", vec!["secret", "22", "23"]),
        ("-", vec!["id", "10", "0"]),
    ] {
        let answer = app.anonymous().with_token(token).get("/users/me").await;
        let detail = detail_of(&answer);
        assert!(words.iter().all(|word| detail.contains(word)), "{token}: {detail}");
        assert!(!answer.text.contains(token) || token == "-", "{}", answer.text);
    }
}

#[tokio::test]
async fn an_unknown_key_is_refused() {
    let (app, owner) = TestApp::with_owner().await;
    let own_partition = format!("{}zzzz-xxxxxxxxxxxxxxxxxxxxxx", &owner.token()[..6]);
    for token in [UNKNOWN, "#~!?_.:;,+-xxxxxxxxxxxxxxxxxxxxxx", &own_partition] {
        let detail = detail_of(&app.anonymous().with_token(token).get("/users/me").await);
        assert!(detail.contains("not valid"), "{detail}");
    }
}

#[tokio::test]
async fn a_wrong_secret_and_a_wrong_id_have_different_details() {
    let (app, owner) = TestApp::with_owner().await;
    let other_case = owner.token().chars().map(|letter| {
        if letter.is_ascii_lowercase() { letter.to_ascii_uppercase() } else { letter.to_ascii_lowercase() }
    });
    let other_case: String = other_case.skip(11).collect();
    for secret in ["xxxxxxxxxxxxxxxxxxxxxx", &other_case] {
        let token = format!("{}-{secret}", owner.key_id());
        let detail = detail_of(&app.anonymous().with_token(token).get("/users/me").await);
        assert!(detail.contains("secret"), "{detail}");
    }
}

#[tokio::test]
async fn a_key_is_valid_until_its_expiry() {
    let (app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({ "token_name": "ci", "lifetime": 3_600_000_000_000_i64 })).await;
    let key = owner.get("/users/me/keys/tokens/ci").await.expect_status(200);
    let next = owner_clock(&app) + 1;
    // Each reading by the service moves the clock by a microsecond.
    app.clock.advance(TimeDelta::microseconds(key.micros_at("/expires_at") - next));
    token.get("/users/me").await.expect_status(200);
    let detail = detail_of(&token.get("/users/me").await);
    assert!(detail.contains("expired") && detail.contains(&key.text_at("/expires_at")), "{detail}");
    let after = owner.get("/users/me/keys/tokens/ci").await.expect_status(200);
    assert_eq!(after.text_at("/expires_at"), key.text_at("/expires_at"));
    assert_eq!(after.micros_at("/last_used"), key.micros_at("/expires_at"));
}

fn owner_clock(app: &TestApp) -> i64 {
    use roster::clock::Clock;
    app.clock.now().micros()
}

#[tokio::test]
async fn keys_of_a_suspended_user_work_again_after_activation() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    owner.put("/users/ada/status/suspend", json!(null)).await.expect_status(200);
    let refused = ada.get("/users/me").await.expect_status(401);
    assert!(refused.text_at("/message").contains("suspended"), "{}", refused.text);
    assert_eq!(refused.json().get("detail"), None, "{}", refused.text);
    assert!(refused.header("www-authenticate").contains("error=\"invalid_token\""), "{:?}", refused.headers);
    owner.put("/users/ada/status/activate", json!(null)).await.expect_status(200);
    ada.get("/users/me").await.expect_status(200);
}

#[tokio::test]
async fn a_refused_suspended_user_records_no_use() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    owner.put("/users/ada/status/suspend", json!(null)).await.expect_status(200);
    let paths = [format!("/users/me/keys/{}", ada.key_id()), "/users/ada".to_owned()];
    let before = [owner.get(&paths[0]).await.text, owner.get(&paths[1]).await.text];
    ada.get("/users/me").await.expect_status(401);
    assert_eq!([owner.get(&paths[0]).await.text, owner.get(&paths[1]).await.text], before);
}

#[tokio::test]
async fn the_key_of_a_deleted_user_is_refused_like_an_unknown_key() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let token = ada.create_token(json!({})).await;
    owner.delete("/users/ada").await.expect_status(200);
    let unknown = app.anonymous().with_token(UNKNOWN).get("/users/me").await.expect_status(401).text;
    for key in [&ada, &token] {
        assert_eq!(key.get("/users/me").await.expect_status(401).text, unknown);
    }
}

#[tokio::test]
async fn each_request_uses_the_current_roles_and_memberships() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    ada.get("/users/owner").await.expect_status(404);
    owner.put("/users/ada/roles", json!({ "roles": ["auditor"] })).await.expect_status(200);
    ada.get("/users/owner").await.expect_status(200);
    owner.put("/users/ada/roles", json!({ "roles": [] })).await.expect_status(200);
    ada.get("/users/owner").await.expect_status(404);
}

#[tokio::test]
async fn public_routes_ignore_invalid_tokens() {
    let (app, _owner) = TestApp::with_owner().await;
    let tokens = [app.anonymous(), app.anonymous().with_token("x"), app.anonymous().with_token(UNKNOWN)];
    for path in ["/buildinfo", "/auth/scopes", "/users/first", "/users/authmethods"] {
        for actor in &tokens {
            actor.get(path).await.expect_status(200);
        }
        let cookie = [("cookie", "coder_session_token=x")];
        app.anonymous().send(Method::GET, &format!("/api/v2{path}"), &cookie, "").await.expect_status(200);
    }
    let first = json!({ "email": "a@example.com", "username": "a", "password": "x" });
    for actor in &tokens {
        actor.post("/users/validate-password", json!({ "password": "x" })).await.expect_status(200);
        actor.post("/users/first", first.clone()).await.expect_status(409);
    }
}

#[tokio::test]
async fn every_user_endpoint_refuses_missing_unknown_and_suspended_tokens() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    owner.call(Method::PUT, "/users/ada/status/suspend", None).await.expect_status(200);
    let anonymous = app.anonymous();
    for path in
        ["/users", "/users/roles", "/users/me", "/users/ada", "/users/0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f/roles"]
    {
        assert_signed_out(&anonymous.get(path).await);
        assert_signed_out(&anonymous.with_token("0123456789-0123456789012345678901").get(path).await);
        ada.get(path).await.expect_status(401);
    }
    assert_exchange!("a_suspended_caller_is_refused_with_the_reason", ada.get("/users/me").await);
    assert_exchange!("an_unknown_token_is_refused", anonymous.with_token(UNKNOWN).get("/users/me").await);
    assert_exchange!("a_malformed_token_is_refused", anonymous.with_token("nonsense").get("/users/me").await);
}
