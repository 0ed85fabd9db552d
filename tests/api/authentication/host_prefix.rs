//! Deployments whose session cookie has the `__Host-` prefix: `ROSTER_HOST_PREFIX_COOKIE`.

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::json;

use super::UNKNOWN;

async fn with_owner() -> (TestApp, Actor) {
    let (app, owner) = TestApp::with_settings(&[("ROSTER_HOST_PREFIX_COOKIE", "true")]).await;
    (app, owner)
}

async fn me(app: &TestApp, cookies: &str) -> Answer {
    app.anonymous().send(Method::GET, "/api/v2/users/me", &[("cookie", cookies)], "").await
}

#[tokio::test]
async fn login_and_logout_set_the_prefixed_secure_cookie() {
    let (app, _owner) = with_owner().await;
    let login = app.login("owner@example.com", PASSWORD).await.expect_status(201);
    let cookies = login.set_cookies("__Host-coder_session_token");
    assert_eq!(cookies.len(), 1, "{:?}", login.headers);
    assert!(cookies[0].contains("; Secure") && cookies[0].contains("; Path=/;"), "{}", cookies[0]);
    assert!(login.set_cookies("coder_session_token").is_empty(), "{:?}", login.headers);
    let session = app.anonymous().with_token(login.text_at("/session_token"));
    let logout = session.post("/users/logout", json!(null)).await.expect_status(200);
    let cleared = logout.set_cookies("__Host-coder_session_token");
    assert!(cleared[0].starts_with("__Host-coder_session_token=; ") && cleared[0].contains("Max-Age=0"), "{cleared:?}");
    session.get("/users/me").await.expect_status(401);
}

#[tokio::test]
async fn the_prefixed_cookie_authenticates() {
    let (app, owner) = with_owner().await;
    let answer = me(&app, &format!("__Host-coder_session_token={}", owner.token())).await.expect_status(200);
    assert!(answer.set_cookies("coder_session_token").is_empty(), "{:?}", answer.headers);
}

#[tokio::test]
async fn a_cookie_without_the_prefix_is_ignored_and_cleared() {
    let (app, owner) = with_owner().await;
    let answer = me(&app, &format!("coder_session_token={}", owner.token())).await.expect_status(401);
    let cleared = answer.set_cookies("coder_session_token");
    assert_eq!(cleared.len(), 1, "{:?}", answer.headers);
    assert!(cleared[0].starts_with("coder_session_token=; ") && cleared[0].contains("Max-Age=0"), "{cleared:?}");
}

#[tokio::test]
async fn the_prefixed_cookie_wins_over_the_plain_one() {
    let (app, owner) = with_owner().await;
    let good = format!("coder_session_token={UNKNOWN}; __Host-coder_session_token={}", owner.token());
    let answer = me(&app, &good).await.expect_status(200);
    assert_eq!(answer.set_cookies("coder_session_token").len(), 1, "{:?}", answer.headers);
    let bad = format!("coder_session_token={}; __Host-coder_session_token={UNKNOWN}", owner.token());
    me(&app, &bad).await.expect_status(401);
}

#[tokio::test]
async fn other_prefixed_cookies_are_ignored() {
    let (app, owner) = with_owner().await;
    let answer = me(&app, &format!("__Host-other={}", owner.token())).await.expect_status(401);
    assert!(answer.set_cookies("__Host-other").is_empty(), "{:?}", answer.headers);
}

#[tokio::test]
async fn the_csrf_check_uses_the_prefixed_cookie() {
    let (app, owner) = with_owner().await;
    let write = async |headers: &[(&str, &str)]| {
        app.anonymous().send(Method::PUT, "/api/v2/users/me/gitsshkey", headers, "").await
    };
    let prefixed = format!("__Host-coder_session_token={}", owner.token());
    write(&[("cookie", &prefixed)]).await.expect_status(400);
    write(&[("cookie", &prefixed), ("coder-session-token", owner.token())]).await.expect_status(200);
    let stale = format!("coder_session_token={UNKNOWN}");
    write(&[("cookie", &stale), ("coder-session-token", owner.token())]).await.expect_status(200);
}
