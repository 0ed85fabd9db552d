//! `POST /users/login` with the right password.

use chrono::TimeDelta;
use roster_tests::app::PASSWORD;
use roster_tests::{Answer, TestApp};
use serde_json::json;

/// The attributes of the one session cookie, sorted, without its value.
fn cookie_attributes(answer: &Answer, name: &str) -> Vec<String> {
    let cookies = answer.set_cookies(name);
    assert_eq!(cookies.len(), 1, "{:?}", answer.headers);
    let mut attributes: Vec<String> = cookies[0].split("; ").skip(1).map(str::to_owned).collect();
    attributes.sort();
    attributes
}

#[tokio::test]
async fn the_token_works_and_is_the_value_of_the_cookie() {
    let (app, _owner) = TestApp::with_owner().await;
    let answer = app.login("owner@example.com", PASSWORD).await.expect_status(201);
    let token = answer.text_at("/session_token");
    assert_eq!(answer.json(), json!({ "session_token": token }));
    assert!(answer.set_cookies("coder_session_token")[0].starts_with(&format!("coder_session_token={token};")));
    let me = app.anonymous().with_token(&token).get("/users/me").await.expect_status(200);
    assert_eq!(me.text_at("/username"), "owner");
    let cookie = format!("coder_session_token={token}");
    let me = app.anonymous().send(http::Method::GET, "/api/v2/users/me", &[("cookie", &cookie)], "").await;
    assert_eq!(me.expect_status(200).text_at("/username"), "owner");
}

#[tokio::test]
async fn the_cookie_lasts_a_year_and_is_hidden_from_scripts() {
    let (app, _owner) = TestApp::with_owner().await;
    let answer = app.login("owner@example.com", PASSWORD).await.expect_status(201);
    let expected = ["HttpOnly", "Max-Age=31536000", "Path=/", "SameSite=Lax"];
    assert_eq!(cookie_attributes(&answer, "coder_session_token"), expected);
}

#[tokio::test]
async fn settings_decide_the_secure_and_same_site_attributes() {
    let settings = [("ROSTER_ACCESS_URL", "https://roster.test"), ("ROSTER_SAMESITE_AUTH_COOKIE", "none")];
    let (app, _owner) = TestApp::with_settings(&settings).await;
    let answer = app.login("owner@example.com", PASSWORD).await.expect_status(201);
    let expected = ["HttpOnly", "Max-Age=31536000", "Path=/", "SameSite=None", "Secure"];
    assert_eq!(cookie_attributes(&answer, "coder_session_token"), expected);
    assert_eq!(cookie_attributes(&answer, "csrf_token"), ["HttpOnly", "Path=/", "SameSite=None", "Secure"]);
}

#[tokio::test]
async fn the_session_is_a_key_for_a_day_with_all_scopes() {
    let (app, owner) = TestApp::with_owner().await;
    let session = app.sign_in("owner").await;
    let key = owner.get(&format!("/users/me/keys/{}", session.key_id())).await.expect_status(200);
    let shown = key.json();
    assert_eq!((&shown["login_type"], &shown["token_name"]), (&json!("password"), &json!("")));
    assert_eq!((&shown["scopes"], &shown["allow_list"]), (&json!(["coder:all"]), &json!(["*:*"])));
    assert_eq!((&shown["scope"], &shown["lifetime_seconds"]), (&json!("all"), &json!(86_400)));
    assert_eq!(key.micros_at("/expires_at") - key.micros_at("/created_at"), 86_400_000_000);
}

#[tokio::test]
async fn the_session_duration_is_configurable() {
    let (app, owner) = TestApp::with_settings(&[("ROSTER_SESSION_DURATION", "30m")]).await;
    app.clock.advance(TimeDelta::minutes(29));
    owner.get("/users/me").await.expect_status(200);
    app.clock.advance(TimeDelta::minutes(1));
    owner.get("/users/me").await.expect_status(401);
}

#[tokio::test]
async fn the_session_stores_the_ip_address_of_the_gateway() {
    let (app, _owner) = TestApp::with_owner().await;
    let body = json!({ "email": "owner@example.com", "password": PASSWORD }).to_string();
    let client = app.anonymous().at([203, 0, 113, 9]);
    let headers = [("x-forwarded-for", "198.51.100.1")];
    let answer = client.send(http::Method::POST, "/api/v2/users/login", &headers, body).await.expect_status(201);
    let session = client.with_token(answer.text_at("/session_token"));
    let item = app.item(&format!("USER#{}", &session.key_id()[..6]), &format!("KEY#{}", session.key_id())).await;
    assert_eq!(item["ip"].as_s().map(String::as_str), Ok("203.0.113.9"));
}

#[tokio::test]
async fn the_email_address_is_matched_in_any_case() {
    let (app, owner) = TestApp::with_owner().await;
    owner.create_user_with("ada", json!({ "email": "Ada.Lovelace@Example.com" })).await;
    for email in ["Ada.Lovelace@Example.com", "ada.lovelace@example.com", "ADA.LOVELACE@EXAMPLE.COM"] {
        app.login(email, PASSWORD).await.expect_status(201);
    }
}

#[tokio::test]
async fn earlier_keys_keep_working() {
    let (app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({})).await;
    app.sign_in("owner").await;
    for key in [&owner, &token] {
        key.get("/users/me").await.expect_status(200);
    }
}

#[tokio::test]
async fn an_invalid_token_does_not_prevent_a_login() {
    let (app, _owner) = TestApp::with_owner().await;
    let body = json!({ "email": "owner@example.com", "password": PASSWORD });
    app.anonymous().with_token("0000000000-xxxxxxxxxxxxxxxxxxxxxx").post("/users/login", body).await.expect_status(201);
}

#[tokio::test]
async fn a_login_makes_a_dormant_user_active_and_seen() {
    let (app, owner, id) = TestApp::with_user("ada").await;
    let before = owner.get("/users/ada").await.expect_status(200);
    assert_eq!(before.text_at("/status"), "dormant");
    assert_eq!(before.text_at("/last_seen_at"), "0001-01-01T00:00:00Z");
    let session = app.sign_in("ada").await;
    for path in ["/users/ada".to_owned(), format!("/users/{id}")] {
        let after = owner.get(&path).await.expect_status(200);
        assert_eq!(after.text_at("/status"), "active");
        assert!(after.micros_at("/last_seen_at") > before.micros_at("/created_at"), "{}", after.text);
        assert_eq!(after.text_at("/last_seen_at"), after.text_at("/updated_at"));
    }
    session.get("/users/me").await.expect_status(200);
    let active = owner.get("/users?q=status:active").await.expect_status(200);
    assert_eq!(active.json()["count"], json!(2));
}
