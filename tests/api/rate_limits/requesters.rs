//! Requesters: requests count for a user or an IP address.

use http::Method;
use serde_json::json;

use super::{answered, exhaust, limited, validate};

#[tokio::test]
async fn each_ip_address_has_its_own_limit() {
    let (app, _owner) = limited("5").await;
    let anonymous = app.anonymous();
    assert_eq!(answered(&anonymous, "/buildinfo", 9).await, 5);
    assert_eq!(answered(&anonymous.at([192, 0, 2, 8]), "/buildinfo", 9).await, 5);
}

#[tokio::test]
async fn a_user_has_one_limit_for_all_keys_and_ip_addresses() {
    let (_app, owner) = limited("5").await;
    let token = owner.create_token(json!({})).await;
    for part in 0..5 {
        let actor = if part % 2 == 0 { &owner } else { &token };
        actor.at([203, 0, 113, part]).get("/users/me").await.expect_status(200);
    }
    owner.at([203, 0, 113, 99]).get("/users/me").await.expect_status(429);
    token.at([203, 0, 113, 99]).get("/users/me").await.expect_status(429);
}

#[tokio::test]
async fn users_at_one_ip_address_have_separate_limits() {
    let (app, owner) = limited("5").await;
    let ada = app.user_with_roles(&owner, "ada", &[]).await;
    assert_eq!(answered(&owner, "/users/me", 9).await, 5);
    assert_eq!(answered(&ada, "/users/me", 9).await, 5);
}

#[tokio::test]
async fn ipv6_addresses_count_by_their_64_bit_network() {
    let (app, _owner) = limited("5").await;
    let at = |address: [u16; 8]| app.anonymous().at(address);
    for host in 0..5 {
        at([0x2001, 0xdb8, 0, 1, 0xabcd, 0, 0, host]).get("/buildinfo").await.expect_status(200);
    }
    at([0x2001, 0xdb8, 0, 1, 0x1234, 5, 6, 7]).get("/buildinfo").await.expect_status(429);
    at([0x2001, 0xdb8, 0, 2, 0xabcd, 0, 0, 0]).get("/buildinfo").await.expect_status(200);
}

#[tokio::test]
async fn an_ipv4_mapped_ipv6_address_counts_as_ipv4() {
    let (app, _owner) = limited("5").await;
    assert_eq!(answered(&app.anonymous().at([203, 0, 113, 9]), "/buildinfo", 9).await, 5);
    let mapped = [0, 0, 0, 0, 0, 0xffff, 0xcb00, 0x7109];
    app.anonymous().at(mapped).get("/buildinfo").await.expect_status(429);
    app.anonymous().at([203, 0, 113, 10]).get("/buildinfo").await.expect_status(200);
}

#[tokio::test]
async fn the_forwarded_for_header_is_ignored() {
    let (app, _owner) = limited("5").await;
    for part in 0..6 {
        let forged = format!("198.51.100.{part}");
        let headers = [("x-forwarded-for", forged.as_str()), ("x-real-ip", &forged), ("forwarded", &forged)];
        let answer = app.anonymous().send(Method::GET, "/api/v2/buildinfo", &headers, "").await;
        answer.expect_status(if part < 5 { 200 } else { 429 });
    }
}

#[tokio::test]
async fn a_suspended_user_with_a_valid_token_counts_as_the_user() {
    let (app, owner) = limited("5").await;
    let ada = app.user_with_roles(&owner, "ada", &[]).await;
    owner.call(Method::PUT, "/users/ada/status/suspend", None).await.expect_status(200);
    for _ in 0..5 {
        ada.get("/users/me").await.expect_status(401);
    }
    ada.get("/users/me").await.expect_status(429);
    ada.with_token("").get("/users/me").await.expect_status(401);
}

#[tokio::test]
async fn password_changes_have_the_limit_of_the_login_group_for_each_user() {
    let (app, owner) = limited("512").await;
    app.create_user(&owner, "ada").await;
    app.create_user(&owner, "bob").await;
    for _ in 0..60 {
        owner.put("/users/ada/password", json!({ "password": "" })).await.expect_status(400);
    }
    owner.put("/users/ada/password", json!({ "password": "" })).await.expect_status(429);
    owner.put("/users/bob/password", json!({ "password": "" })).await.expect_status(400);
}

#[tokio::test]
async fn a_user_named_like_a_login_route_has_the_limit_of_the_api() {
    let (app, owner) = limited("512").await;
    app.create_user(&owner, "login").await;
    let limits = [owner.get("/users/login").await, app.login("owner@example.com", "wrong").await];
    assert_eq!(limits.map(|answer| answer.header("x-ratelimit-limit")), ["512", "60"]);
}

#[tokio::test]
async fn requests_of_unknown_routes_count_once() {
    let (app, owner) = limited("512").await;
    let anonymous = app.anonymous();
    for (actor, method, path, status) in [
        (&anonymous, Method::GET, "/unknown", 404),
        (&anonymous, Method::GET, "/users/me/unknown", 401),
        (&owner, Method::GET, "/users/me/unknown", 404),
        (&anonymous, Method::PUT, "/buildinfo", 405),
        (&owner, Method::PUT, "/users/me", 405),
    ] {
        let answer = actor.call(method, path, None).await.expect_status(status);
        assert_eq!(answer.header("x-ratelimit-remaining"), "511", "{path}");
    }
    let outside = anonymous.send(Method::GET, "/elsewhere", &[], "").await.expect_status(404);
    assert_eq!(outside.header("x-ratelimit-limit"), "");
}

#[tokio::test]
async fn limits_can_be_disabled() {
    let (app, _owner) = limited("0").await;
    assert_eq!(app.anonymous().get("/buildinfo").await.expect_status(200).header("x-ratelimit-limit"), "");
    exhaust(&app.anonymous()).await;
    let app = roster_tests::TestApp::with(&[("ROSTER_DANGEROUS_DISABLE_RATE_LIMITS", "true")]).await;
    for _ in 0..61 {
        assert_eq!(validate(&app.anonymous()).await.expect_status(200).header("x-ratelimit-limit"), "");
    }
}
