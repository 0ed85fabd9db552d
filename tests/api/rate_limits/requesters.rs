//! Whom requests count for.

use http::Method;
use serde_json::json;

use super::{answered, exhaust, limited, validate};

#[tokio::test]
async fn one_address_is_limited_and_others_are_not() {
    let (app, _owner) = limited("5").await;
    let anonymous = app.anonymous();
    assert_eq!(answered(&anonymous, "/buildinfo", 9).await, 5);
    assert_eq!(answered(&anonymous.at([192, 0, 2, 8]), "/buildinfo", 9).await, 5);
}

#[tokio::test]
async fn a_user_is_limited_wherever_he_is_and_whichever_of_his_keys_he_uses() {
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
async fn users_at_one_address_do_not_share_a_limit() {
    let (app, owner) = limited("5").await;
    let ada = app.user_with_roles(&owner, "ada", &[]).await;
    assert_eq!(answered(&owner, "/users/me", 9).await, 5);
    assert_eq!(answered(&ada, "/users/me", 9).await, 5);
}

#[tokio::test]
async fn addresses_of_ipv6_count_by_their_network_of_64_bits() {
    let (app, _owner) = limited("5").await;
    let at = |address: [u16; 8]| app.anonymous().at(address);
    for host in 0..5 {
        at([0x2001, 0xdb8, 0, 1, 0xabcd, 0, 0, host]).get("/buildinfo").await.expect_status(200);
    }
    at([0x2001, 0xdb8, 0, 1, 0x1234, 5, 6, 7]).get("/buildinfo").await.expect_status(429);
    at([0x2001, 0xdb8, 0, 2, 0xabcd, 0, 0, 0]).get("/buildinfo").await.expect_status(200);
}

#[tokio::test]
async fn an_address_of_ipv4_in_the_clothes_of_ipv6_is_the_same_one() {
    let (app, _owner) = limited("5").await;
    assert_eq!(answered(&app.anonymous().at([203, 0, 113, 9]), "/buildinfo", 9).await, 5);
    let mapped = [0, 0, 0, 0, 0, 0xffff, 0xcb00, 0x7109];
    app.anonymous().at(mapped).get("/buildinfo").await.expect_status(429);
    app.anonymous().at([203, 0, 113, 10]).get("/buildinfo").await.expect_status(200);
}

#[tokio::test]
async fn a_forwarded_address_is_not_believed() {
    let (app, _owner) = limited("5").await;
    for part in 0..6 {
        let forged = format!("198.51.100.{part}");
        let headers = [("x-forwarded-for", forged.as_str()), ("x-real-ip", &forged), ("forwarded", &forged)];
        let answer = app.anonymous().send(Method::GET, "/api/v2/buildinfo", &headers, "").await;
        answer.expect_status(if part < 5 { 200 } else { 429 });
    }
}

#[tokio::test]
async fn a_suspended_user_with_a_good_token_counts_as_himself() {
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
async fn changing_a_password_is_of_the_stricter_group_for_each_user_by_himself() {
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
async fn a_user_named_like_a_route_of_the_group_is_not_of_it() {
    let (app, owner) = limited("512").await;
    app.create_user(&owner, "login").await;
    let limits = [owner.get("/users/login").await, app.login("owner@example.com", "wrong").await];
    assert_eq!(limits.map(|answer| answer.header("x-ratelimit-limit")), ["512", "60"]);
}

#[tokio::test]
async fn what_no_route_answers_counts_once_as_well() {
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
async fn limits_can_be_taken_away_each_and_together() {
    let (app, _owner) = limited("0").await;
    assert_eq!(app.anonymous().get("/buildinfo").await.expect_status(200).header("x-ratelimit-limit"), "");
    exhaust(&app.anonymous()).await;
    let app = roster_tests::TestApp::with(&[("ROSTER_DANGEROUS_DISABLE_RATE_LIMITS", "true")]).await;
    for _ in 0..61 {
        assert_eq!(validate(&app.anonymous()).await.expect_status(200).header("x-ratelimit-limit"), "");
    }
}
