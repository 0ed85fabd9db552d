//! Protection against forged requests: a request with a session cookie that changes data needs the CSRF token.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::{Answer, TestApp};
use serde_json::json;

use super::UNKNOWN;
use crate::cases::assert_exchange;

/// A request of a browser with this session that changes data.
async fn write(app: &TestApp, session: &str, query: &str, headers: &[(&str, &str)]) -> Answer {
    let cookie = format!("coder_session_token={session}");
    let headers: Vec<(&str, &str)> = [("cookie", cookie.as_str())].into_iter().chain(headers.iter().copied()).collect();
    app.anonymous().send(Method::PUT, &format!("/api/v2/users/me/gitsshkey{query}"), &headers, "").await
}

#[tokio::test]
async fn a_cookie_without_a_csrf_token_is_refused_in_plain_text() {
    let (app, owner) = TestApp::with_owner().await;
    let before = owner.get("/users/me/gitsshkey").await.text;
    let refused = write(&app, owner.token(), "", &[]).await.expect_status(400);
    assert_eq!(refused.header("content-type"), "text/plain; charset=utf-8");
    assert!(refused.text.contains("CSRF") && !refused.text.starts_with('{'), "{}", refused.text);
    assert!(refused.header("x-coder-build-version").starts_with('v'), "{:?}", refused.headers);
    assert_eq!(owner.get("/users/me/gitsshkey").await.text, before);
}

#[tokio::test]
async fn a_request_with_the_session_token_is_not_checked() {
    let (app, owner) = TestApp::with_owner().await;
    let query = format!("?coder_session_token={}", owner.token());
    write(&app, owner.token(), "", &[("coder-session-token", owner.token())]).await.expect_status(200);
    write(&app, owner.token(), &query, &[]).await.expect_status(200);
    write(&app, owner.token(), "", &[("authorization", "Bearer x")]).await.expect_status(200);
    owner.call(Method::PUT, "/users/me/gitsshkey", None).await.expect_status(200);
}

#[tokio::test]
async fn the_refusal_explains_a_different_token_beside_the_cookie() {
    let (app, owner) = TestApp::with_owner().await;
    let plain = write(&app, owner.token(), "", &[]).await.expect_status(400);
    let mismatch = write(&app, owner.token(), "", &[("coder-session-token", UNKNOWN)]).await.expect_status(400);
    assert_ne!(mismatch.text, plain.text);
    assert!(mismatch.text.contains("Coder-Session-Token"), "{}", mismatch.text);
    let query = format!("?coder_session_token={UNKNOWN}");
    assert_eq!(write(&app, owner.token(), &query, &[]).await.expect_status(400).text, plain.text);
}

#[tokio::test]
async fn read_requests_are_not_checked() {
    let (app, owner) = TestApp::with_owner().await;
    let cookie = format!("coder_session_token={}", owner.token());
    for (method, status) in [(Method::GET, 200), (Method::HEAD, 405), (Method::OPTIONS, 405), (Method::TRACE, 405)] {
        let answer = app.anonymous().send(method.clone(), "/api/v2/users/me", &[("cookie", &cookie)], "").await;
        assert_eq!(answer.status.as_u16(), status, "{method}");
    }
}

#[tokio::test]
async fn login_is_checked_and_creating_the_first_user_is_not() {
    let (app, _owner) = TestApp::with_owner().await;
    let cookie = format!("coder_session_token={UNKNOWN}");
    let post = async |path: &str, body: serde_json::Value| {
        app.anonymous().send(Method::POST, path, &[("cookie", &cookie)], body.to_string()).await
    };
    let credentials = json!({ "email": "owner@example.com", "password": PASSWORD });
    post("/api/v2/users/login", credentials.clone()).await.expect_status(400);
    let first = json!({ "email": "owner@example.com", "username": "owner", "password": PASSWORD });
    post("/api/v2/users/first", first).await.expect_status(409);
    let empty = [("cookie", "coder_session_token=")];
    let answer = app.anonymous().send(Method::POST, "/api/v2/users/login", &empty, credentials.to_string()).await;
    answer.expect_status(201);
}

#[tokio::test]
async fn only_the_post_of_the_first_user_needs_no_csrf_token() {
    let (app, owner) = TestApp::with_owner().await;
    app.create_user(&owner, "first").await;
    let cookie = format!("coder_session_token={}", owner.token());
    let delete = app.anonymous().send(Method::DELETE, "/api/v2/users/first", &[("cookie", &cookie)], "").await;
    delete.expect_status(400);
    assert_eq!(owner.get("/users?q=first").await.expect_status(200).json()["count"], 1);
}

#[tokio::test]
async fn a_browser_on_another_site_does_not_sign_in() {
    let (app, _owner) = TestApp::with_owner().await;
    let credentials = json!({ "email": "owner@example.com", "password": PASSWORD }).to_string();
    let login = async |headers: &[(&str, &str)]| {
        app.anonymous().send(Method::POST, "/api/v2/users/login", headers, credentials.clone()).await
    };
    for headers in [
        [("sec-fetch-site", "cross-site")],
        [("sec-fetch-site", "same-site")],
        [("origin", "https://evil.example")],
        [("origin", "https://roster.test.evil.example")],
        [("origin", "null")],
        [("origin", "\u{e9}")],
    ] {
        let refused = login(&headers).await.expect_status(403);
        assert!(refused.set_cookies("coder_session_token").is_empty(), "{headers:?}");
    }
    for headers in
        [[("sec-fetch-site", "same-origin")], [("sec-fetch-site", "none")], [("origin", "http://roster.test")]]
    {
        login(&headers).await.expect_status(201);
    }
    let first = json!({ "email": "a@example.com", "username": "a", "password": PASSWORD }).to_string();
    let foreign = [("sec-fetch-site", "cross-site")];
    app.anonymous().send(Method::POST, "/api/v2/users/first", &foreign, first).await.expect_status(403);
}

#[tokio::test]
async fn a_request_without_a_csrf_cookie_gets_a_fresh_one() {
    let (app, _owner) = TestApp::with_owner().await;
    let mut seen = Vec::new();
    for headers in [vec![], vec![("cookie", "csrf_token=nonsense")], vec![("cookie", "csrf_token=eHg=")]] {
        for path in ["/api/v2/users/first", "/api/v2/nowhere", "/api/v2/users/me"] {
            let answer = app.anonymous().send(Method::GET, path, &headers, "").await;
            let cookies = answer.set_cookies("csrf_token");
            assert_eq!(cookies.len(), 1, "{path}: {cookies:?}");
            let (value, attributes) = cookies[0]["csrf_token=".len()..].split_once("; ").expect("it has attributes");
            assert_eq!(STANDARD.decode(value).map(|token| token.len()), Ok(32));
            let mut attributes: Vec<&str> = attributes.split("; ").collect();
            attributes.sort_unstable();
            assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Lax"]);
            seen.push(value.to_owned());
        }
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count);
    let cookie = format!("csrf_token={}", seen[0]);
    let kept = app.anonymous().send(Method::GET, "/api/v2/users/first", &[("cookie", &cookie)], "").await;
    assert!(kept.set_cookies("csrf_token").is_empty(), "{:?}", kept.headers);
}

#[tokio::test]
async fn only_the_masked_or_plain_token_of_the_cookie_is_accepted() {
    let (app, owner) = TestApp::with_owner().await;
    let answer = app.anonymous().get("/users/first").await;
    let cookie = answer.set_cookies("csrf_token")[0].split(';').next().unwrap_or_default().to_owned();
    let token = STANDARD.decode(&cookie["csrf_token=".len()..]).expect("the cookie is base64");
    let cookies = format!("coder_session_token={}; {cookie}", owner.token());
    let send = async |token: Vec<u8>| {
        let token = STANDARD.encode(token);
        let headers = [("cookie", cookies.as_str()), ("x-csrf-token", token.as_str())];
        app.anonymous().send(Method::PUT, "/api/v2/users/me/gitsshkey", &headers, "").await
    };
    let masked = |mask: u8| [vec![mask; 32], token.iter().map(|byte| byte ^ mask).collect()].concat();
    for good in [token.clone(), masked(0), masked(7), masked(255)] {
        send(good).await.expect_status(200);
    }
    let mut other = token.clone();
    other[31] ^= 1;
    for bad in [other, vec![], b"xx".to_vec(), token[..31].to_vec(), [masked(7), vec![0]].concat(), vec![0; 64]] {
        send(bad).await.expect_status(400);
    }
}

#[tokio::test]
async fn a_csrf_token_without_its_cookie_is_refused() {
    let (app, owner) = TestApp::with_owner().await;
    let token = STANDARD.encode([0; 32]);
    write(&app, owner.token(), "", &[("x-csrf-token", &token)]).await.expect_status(400);
}

#[tokio::test]
async fn a_cookie_without_a_csrf_token_creates_no_key() {
    let (app, owner) = TestApp::with_owner().await;
    let cookie = format!("coder_session_token={}", owner.token());
    let path = "/api/v2/users/me/keys";
    let refused = app.anonymous().send(Method::POST, path, &[("cookie", &cookie)], "").await.expect_status(400);
    assert!(refused.header("content-type").starts_with("text/plain"), "{:?}", refused.headers);
    assert_exchange!("a_cookie_without_a_csrf_token_creates_no_key", refused);
}
