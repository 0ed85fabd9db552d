//! Lifetimes of tokens: nanoseconds in requests, seconds in answers.

use http::Method;
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

use crate::cases::cases;
use crate::users::user::keys::HOUR;

/// `max-token-lifetime` and `max-admin-token-lifetime` of a deployment that sets neither.
const MEMBERS_MAXIMUM: i64 = 3_155_760_000_000_000_000;
const OWNERS_MAXIMUM: i64 = 604_800_000_000_000;

async fn lifetime_seconds(asked_by: &Actor, user: &str, lifetime: i64) -> Value {
    let token = asked_by.create_token_for(user, json!({ "lifetime": lifetime })).await;
    asked_by.get(&format!("/users/me/keys/{}", token.key_id())).await.expect_status(200).json()["lifetime_seconds"]
        .clone()
}

#[tokio::test]
async fn the_maximum_is_allowed_and_a_nanosecond_more_is_refused() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    for (actor, maximum, hours) in [(&ada, MEMBERS_MAXIMUM, "876600"), (&owner, OWNERS_MAXIMUM, "168")] {
        assert_eq!(lifetime_seconds(actor, "me", maximum).await, json!(maximum / 1_000_000_000));
        let refused = actor.post("/users/me/keys/tokens", json!({ "lifetime": maximum + 1 })).await.expect_status(400);
        assert!(refused.text_at("/detail").contains(hours), "{}", refused.text);
    }
}

#[tokio::test]
async fn the_maximum_depends_on_the_user_of_the_token() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    assert_eq!(lifetime_seconds(&owner, "ada", OWNERS_MAXIMUM + HOUR).await, json!(608_400));
}

#[tokio::test]
async fn owners_may_have_a_longer_maximum() {
    let settings = [("ROSTER_MAX_TOKEN_LIFETIME", "1h"), ("ROSTER_MAX_ADMIN_TOKEN_LIFETIME", "3h")];
    let (app, owner) = TestApp::with_settings(&settings).await;
    let ada = app.user_with_roles(&owner, "ada", &[]).await;
    assert_eq!(lifetime_seconds(&owner, "me", 2 * HOUR).await, json!(7200));
    ada.post("/users/me/keys/tokens", json!({ "lifetime": 2 * HOUR })).await.expect_status(400);
}

#[tokio::test]
async fn a_missing_lifetime_is_the_default_even_above_the_maximum() {
    let settings = [("ROSTER_DEFAULT_TOKEN_LIFETIME", "5h"), ("ROSTER_MAX_ADMIN_TOKEN_LIFETIME", "3h")];
    let (_app, owner) = TestApp::with_settings(&settings).await;
    assert_eq!(lifetime_seconds(&owner, "me", 0).await, json!(18_000));
    let token = owner.create_token(json!({ "lifetime": null })).await;
    let key = owner.get(&format!("/users/me/keys/{}", token.key_id())).await.expect_status(200);
    assert_eq!(key.json()["lifetime_seconds"], json!(18_000));
    assert_eq!(key.micros_at("/expires_at") - key.micros_at("/created_at"), 18_000_000_000);
}

#[tokio::test]
async fn a_lifetime_must_be_an_integer() {
    let (_app, owner) = TestApp::with_owner().await;
    for lifetime in ["1e9", "1.0", "1.5", "\"24h\"", "\"1000000000\"", "9223372036854775808", "true", "{}"] {
        let body = format!(r#"{{"token_name":"x","lifetime":{lifetime}}}"#);
        let refused = owner.send(Method::POST, "/api/v2/users/me/keys/tokens", &[], body).await;
        let refused = refused.expect_status(400);
        assert!(refused.text_at("/detail").contains("lifetime"), "{lifetime}: {}", refused.text);
    }
    assert_eq!(owner.get("/users/me/keys/tokens").await.text, "[]\n");
}

#[tokio::test]
async fn lifetimes_below_a_second_are_refused() {
    let (_app, owner) = TestApp::with_owner().await;
    for lifetime in [i64::MIN, -1, 1, 999_999_999] {
        let refused = owner.post("/users/me/keys/tokens", json!({ "lifetime": lifetime })).await.expect_status(400);
        assert!(refused.text_at("/detail").contains("positive"), "{lifetime}: {}", refused.text);
    }
    assert_eq!(lifetime_seconds(&owner, "me", 1_000_000_000).await, json!(1));
}

#[tokio::test]
async fn the_token_configuration_shows_the_maximum_of_the_user_in_the_path() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let auditor = app.user_with_roles(&owner, "auditor", &["auditor"]).await;
    for (actor, user, maximum) in [
        (&owner, "me", OWNERS_MAXIMUM),
        (&owner, "ada", MEMBERS_MAXIMUM),
        (&ada, "me", MEMBERS_MAXIMUM),
        (&auditor, "ada", MEMBERS_MAXIMUM),
        (&auditor, "owner", OWNERS_MAXIMUM),
    ] {
        let answer = actor.get(&format!("/users/{user}/keys/tokens/tokenconfig")).await.expect_status(200);
        assert_eq!(answer.json(), json!({ "max_token_lifetime": maximum }));
    }
    let hidden = ada.get("/users/owner/keys/tokens/tokenconfig").await.expect_status(404);
    assert_eq!(hidden.text, ada.get("/users/unknown/keys/tokens/tokenconfig").await.expect_status(404).text);
    app.anonymous().get("/users/me/keys/tokens/tokenconfig").await.expect_status(401);
}

cases! {
    a_member_reads_the_longest_lifetime: member GET "/users/me/keys/tokens/tokenconfig" => 200;
    the_longest_lifetime_without_a_token_is_refused: anonymous GET "/users/me/keys/tokens/tokenconfig" => 401;
}
