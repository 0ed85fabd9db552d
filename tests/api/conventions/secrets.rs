//! Secrets of a request are never repeated in a refusal.

use http::Method;
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

const PASSWORD: &str = "Tr0ub4dor-and-3-Horses";

#[track_caller]
fn assert_silent(answer: &roster_tests::Answer, status: u16, secret: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(!answer.text.contains(secret), "{}", answer.text);
    let repeats = answer.headers.values().filter_map(|value| value.to_str().ok()).any(|value| value.contains(secret));
    assert!(!repeats, "{:?}", answer.headers);
}

#[tokio::test]
async fn a_password_is_never_repeated() {
    let (_app, owner) = TestApp::with_owner().await;
    let with = |members: Value| {
        let mut body = json!({ "email": "ada@example.com", "username": "ada", "password": PASSWORD });
        for (name, value) in members.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        body
    };
    for (path, body, status) in [
        ("/users", with(json!({ "organization_ids": ["nonsense"] })), 400),
        ("/users", with(json!({ "username": "-bad-" })), 400),
        ("/users", with(json!({ "login_type": "none" })), 400),
        ("/users", with(json!({ "password": [PASSWORD] })), 400),
        ("/users", with(json!({ "roles": PASSWORD })), 400),
        ("/users/first", with(json!({})), 409),
        ("/users/login", with(json!({})), 401),
        ("/users/login", with(json!({ "email": 7 })), 400),
        ("/users/validate-password", json!({ "password": { "text": PASSWORD } }), 400),
    ] {
        assert_silent(&owner.post(path, body).await, status, PASSWORD);
    }
}

#[tokio::test]
async fn a_token_from_any_source_is_never_repeated() {
    let (app, owner) = TestApp::with_owner().await;
    let (id, secret) = owner.token().split_once('-').expect("a token has two parts");
    let bad = format!("{id}-{}", secret.chars().rev().collect::<String>());
    let bad_secret = &bad[11..];
    let bearer = format!("Bearer {bad}");
    let cookie = format!("coder_session_token={bad}");
    let anonymous: Actor = app.anonymous();
    for (query, header) in [
        (String::new(), ("coder-session-token", bad.as_str())),
        (String::new(), ("authorization", bearer.as_str())),
        (String::new(), ("cookie", cookie.as_str())),
        (format!("?coder_session_token={bad}"), ("x-nothing", "")),
        (format!("?access_token={bad}"), ("x-nothing", "")),
    ] {
        for path in ["/api/v2/users/me", "/api/v2/users/me/nowhere"] {
            let get = anonymous.send(Method::GET, &format!("{path}{query}"), &[header], "").await;
            assert_silent(&get, 401, bad_secret);
        }
        let post = anonymous.send(Method::POST, &format!("/api/v2/users/me/keys{query}"), &[header], "").await;
        assert_silent(&post, if header.0 == "cookie" { 400 } else { 401 }, bad_secret);
    }
    assert_silent(&owner.get(&format!("/users/me/keys/{}", owner.token())).await, 404, secret);
}
