//! Recorded uses of keys: at most one write an hour, after the answer.

use std::net::SocketAddr;

use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use chrono::TimeDelta;
use http::{Method, Request};
use roster_local::gateway::Gateway;
use roster_tests::{Actor, Answer, Fault, TestApp};
use serde_json::json;

const DAY: i64 = 86_400_000_000;

/// A key as stored, read with another key so that the read does not record a use.
async fn record(reader: &Actor, key: &Actor) -> Answer {
    reader.get(&format!("/users/me/keys/{}", key.key_id())).await.expect_status(200)
}

/// An attribute of the item of a key or of its user.
async fn stored(app: &TestApp, key: &Actor, sort: &str, attribute: &str) -> AttributeValue {
    app.item(&format!("USER#{}", &key.key_id()[..6]), sort).await[attribute].clone()
}

async fn stored_address(app: &TestApp, key: &Actor) -> String {
    let address = stored(app, key, &format!("KEY#{}", key.key_id()), "ip").await;
    address.as_s().expect("an address is a text").clone()
}

/// The number of writes of the profile of a key's user.
async fn version(app: &TestApp, key: &Actor) -> u64 {
    let version = stored(app, key, "PROFILE", "version").await;
    version.as_n().expect("a version is a number").parse().expect("a version is a whole number")
}

/// `GET /users/me` without its deferred tasks.
async fn answered(gateway: &Gateway, key: &Actor) -> Answer {
    let request = Request::builder().uri("/api/v2/users/me").header("coder-session-token", key.token());
    let request = request.body(Bytes::new()).expect("a request");
    let response = gateway.handle(request, SocketAddr::from(([192, 0, 2, 7], 40_000))).await;
    Answer::new(String::new(), response).expect_status(200)
}

#[tokio::test]
async fn the_first_use_is_recorded_and_shown_in_the_answer() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let before = record(&owner, &ada).await;
    assert_eq!(before.text_at("/last_used"), "1970-01-01T00:00:00Z");
    let me = ada.get("/users/me").await.expect_status(200);
    let after = record(&owner, &ada).await;
    assert_eq!(after.text_at("/last_used"), me.text_at("/last_seen_at"));
    assert_eq!(after.text_at("/expires_at"), before.text_at("/expires_at"));
    assert_eq!(after.text_at("/updated_at"), before.text_at("/updated_at"));
    assert_eq!(owner.get("/users/ada").await.text_at("/last_seen_at"), me.text_at("/last_seen_at"));
}

#[tokio::test]
async fn a_use_within_the_hour_writes_nothing() {
    let (app, owner) = TestApp::with_owner().await;
    let token = app.user_with_roles(&owner, "ada", &[]).await.create_token(json!({})).await;
    let me = token.get("/users/me").await.expect_status(200);
    let used = record(&owner, &token).await;
    app.clock.advance(TimeDelta::minutes(59));
    let again = token.get("/users/me").await.expect_status(200);
    assert!(again.cost().write_units == 0.0, "{:?}", again.cost());
    assert_eq!((again.text, record(&owner, &token).await.text), (me.text, used.text));
}

#[tokio::test]
async fn a_use_after_an_hour_updates_last_used_and_last_seen() {
    let (app, owner) = TestApp::with_owner().await;
    let token = app.user_with_roles(&owner, "ada", &[]).await.create_token(json!({})).await;
    let first = token.get("/users/me").await.expect_status(200);
    app.clock.advance(TimeDelta::hours(1));
    let second = token.get("/users/me").await.expect_status(200);
    assert!(second.micros_at("/last_seen_at") - first.micros_at("/last_seen_at") > DAY / 24, "{}", second.text);
    assert_eq!(record(&owner, &token).await.text_at("/last_used"), second.text_at("/last_seen_at"));
}

#[tokio::test]
async fn a_refused_request_counts_as_a_use() {
    let (_app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({})).await;
    token.get("/users/unknown").await.expect_status(404);
    assert_ne!(record(&owner, &token).await.text_at("/last_used"), "1970-01-01T00:00:00Z");
}

#[tokio::test]
async fn a_session_is_extended_at_most_once_an_hour() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let fresh = record(&owner, &ada).await.micros_at("/expires_at");
    app.clock.advance(TimeDelta::minutes(59));
    ada.get("/users/me").await.expect_status(200);
    assert_eq!(record(&owner, &ada).await.micros_at("/expires_at"), fresh);
    app.clock.advance(TimeDelta::minutes(2));
    ada.get("/users/me").await.expect_status(200);
    let slid = record(&owner, &ada).await;
    // The last use was two minutes earlier, so only the expiry moved. Each reading moves the clock.
    let ticks = slid.micros_at("/expires_at") - slid.micros_at("/last_used") - (DAY + 2 * 60_000_000);
    assert!((1..1000).contains(&ticks), "{ticks}");
}

#[tokio::test]
async fn use_extends_a_session_past_its_first_day() {
    let (app, owner) = TestApp::with_owner().await;
    for _ in 0..3 {
        app.clock.advance(TimeDelta::hours(23));
        owner.get("/users/me").await.expect_status(200);
    }
    app.clock.advance(TimeDelta::hours(24));
    owner.get("/users/me").await.expect_status(401);
}

#[tokio::test]
async fn a_session_of_an_hour_is_not_extended() {
    let (app, owner) = TestApp::with_settings(&[("ROSTER_SESSION_DURATION", "1h")]).await;
    app.clock.advance(TimeDelta::minutes(59));
    owner.get("/users/me").await.expect_status(200);
    app.clock.advance(TimeDelta::minutes(2));
    owner.get("/users/me").await.expect_status(401);
}

#[tokio::test]
async fn a_token_is_not_extended() {
    let (app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({ "token_name": "ci", "lifetime": 86_400_000_000_000_i64 })).await;
    let end = token.get("/users/me/keys/tokens/ci").await.text_at("/expires_at");
    app.clock.advance(TimeDelta::hours(23));
    assert_eq!(token.get("/users/me/keys/tokens/ci").await.expect_status(200).text_at("/expires_at"), end);
    app.clock.advance(TimeDelta::hours(1));
    token.get("/users/me").await.expect_status(401);
}

#[tokio::test]
async fn extension_of_sessions_can_be_disabled() {
    let (app, owner) = TestApp::with_settings(&[("ROSTER_DISABLE_SESSION_EXPIRY_REFRESH", "true")]).await;
    let path = format!("/users/me/keys/{}", owner.key_id());
    let first = owner.get(&path).await.expect_status(200);
    app.clock.advance(TimeDelta::hours(23));
    let used = owner.get(&path).await.expect_status(200);
    assert_eq!(used.text_at("/expires_at"), first.text_at("/expires_at"));
    assert!(used.micros_at("/last_used") > first.micros_at("/last_used"), "{}", used.text);
    app.clock.advance(TimeDelta::hours(1));
    owner.get("/users/me").await.expect_status(401);
}

#[tokio::test]
async fn a_recorded_use_stores_the_ip_address_of_the_gateway() {
    let (app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({})).await;
    let use_from = async |address: [u8; 4]| {
        let headers = [("x-forwarded-for", "198.51.100.1"), ("x-real-ip", "198.51.100.2")];
        token.at(address).send(Method::GET, "/api/v2/users/me", &headers, "").await.expect_status(200)
    };
    use_from([203, 0, 113, 9]).await;
    assert_eq!(stored_address(&app, &token).await, "203.0.113.9");
    use_from([203, 0, 113, 10]).await;
    assert_eq!(stored_address(&app, &token).await, "203.0.113.9");
    app.clock.advance(TimeDelta::hours(2));
    use_from([203, 0, 113, 10]).await;
    assert_eq!(stored_address(&app, &token).await, "203.0.113.10");
}

#[tokio::test]
async fn a_key_activates_a_dormant_user() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    let token = owner.create_token_for("ada", json!({})).await;
    assert_eq!(owner.get("/users/ada").await.text_at("/status"), "dormant");
    let me = token.get("/users/me").await.expect_status(200);
    assert_eq!(me.text_at("/status"), "active");
    assert_ne!(me.text_at("/last_seen_at"), "0001-01-01T00:00:00Z");
    let stored = owner.get("/users/ada").await.expect_status(200);
    assert_eq!(
        (stored.text_at("/status"), stored.text_at("/last_seen_at")),
        ("active".to_owned(), me.text_at("/last_seen_at"))
    );
}

#[tokio::test]
async fn requests_of_public_routes_are_not_uses() {
    let (_app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({})).await;
    for path in ["/buildinfo", "/users/authmethods", "/users/first", "/auth/scopes"] {
        token.get(path).await.expect_status(200);
    }
    assert_eq!(record(&owner, &token).await.text_at("/last_used"), "1970-01-01T00:00:00Z");
}

#[tokio::test]
async fn a_use_is_recorded_after_the_answer() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    app.clock.advance(TimeDelta::hours(2));
    let before = version(&app, &owner).await;
    let answer = answered(&app.gateway, &owner).await;
    assert_eq!((answer.cost().trips, answer.cost().write_units), (1, 0.0));
    assert_eq!(version(&app, &owner).await, before);
    app.gateway.drain().await;
    assert_eq!(version(&app, &owner).await, before + 1);
    assert_eq!(record(&owner, &owner).await.text_at("/last_used"), answer.text_at("/last_seen_at"));
}

#[tokio::test]
async fn ten_processes_with_the_same_stale_key_write_once() {
    let (app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({})).await;
    let mut processes = Vec::new();
    for _ in 0..10 {
        processes.push(app.another_process().await);
    }
    for _ in 0..2 {
        app.clock.advance(TimeDelta::hours(2));
        let before = version(&app, &token).await;
        // No process writes before all have read.
        for process in &processes {
            answered(process, &token).await;
        }
        futures_util::future::join_all(processes.iter().map(Gateway::drain)).await;
        assert_eq!(version(&app, &token).await, before + 1);
    }
}

#[tokio::test]
async fn a_concurrent_change_of_the_user_and_the_use_are_both_kept() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let process = app.another_process().await;
    let used = answered(&process, &ada).await;
    owner.put("/users/ada/profile", json!({ "username": "ada", "name": "Ada" })).await.expect_status(200);
    process.drain().await;
    let stored = owner.get("/users/ada").await.expect_status(200);
    assert_eq!(stored.text_at("/name"), "Ada");
    assert_eq!(stored.text_at("/last_seen_at"), used.text_at("/last_seen_at"));
    assert_eq!(record(&owner, &ada).await.text_at("/last_used"), used.text_at("/last_seen_at"));
}

#[tokio::test]
async fn recording_a_use_does_not_revive_a_revoked_key() {
    let (app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({})).await;
    let process = app.another_process().await;
    answered(&process, &token).await;
    owner.delete(&format!("/users/me/keys/{}", token.key_id())).await.expect_status(204);
    process.drain().await;
    token.get("/users/me").await.expect_status(401);
}

#[tokio::test]
async fn a_use_that_cannot_be_recorded_does_not_change_the_answer() {
    let (app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({})).await;
    app.faults.script([&[Fault::None][..], &[Fault::Throttle; 40]].concat());
    let used = token.get("/users/me").await.expect_status(200);
    app.faults.script([]);
    assert_eq!(record(&owner, &token).await.text_at("/last_used"), "1970-01-01T00:00:00Z");
    let again = token.get("/users/me").await.expect_status(200);
    assert_ne!(again.text_at("/last_seen_at"), used.text_at("/last_seen_at"));
    assert_eq!(record(&owner, &token).await.text_at("/last_used"), again.text_at("/last_seen_at"));
}

#[tokio::test]
async fn use_does_not_extend_a_session_past_the_absolute_limit() {
    let (app, owner) = TestApp::with_settings(&[("ROSTER_SESSION_ABSOLUTE_LIMIT", "30h")]).await;
    let created = record(&owner, &owner).await.micros_at("/created_at");
    app.clock.advance(TimeDelta::hours(23));
    owner.get("/users/me").await.expect_status(200);
    assert_eq!(record(&owner, &owner).await.micros_at("/expires_at") - created, DAY / 24 * 30);
    app.clock.advance(TimeDelta::hours(6));
    owner.get("/users/me").await.expect_status(200);
    app.clock.advance(TimeDelta::hours(2));
    owner.get("/users/me").await.expect_status(401);
}

#[tokio::test]
async fn the_absolute_limit_does_not_shorten_a_session() {
    let (app, owner) = TestApp::with_settings(&[("ROSTER_SESSION_ABSOLUTE_LIMIT", "2h")]).await;
    let end = record(&owner, &owner).await.text_at("/expires_at");
    app.clock.advance(TimeDelta::hours(23));
    assert_eq!(record(&owner, &owner).await.text_at("/expires_at"), end);
}
