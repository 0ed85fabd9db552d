//! `POST /users/otp/change-password`.

use chrono::TimeDelta;
use http::StatusCode;
use roster_tests::app::PASSWORD;
use roster_tests::{Answer, TestApp};
use serde_json::{Value, json};

use crate::cases::{assert_exchange, cases};

const NEW: &str = "Br4nd-New_Password-Of-Mine";
/// A passcode that was never sent.
const UNKNOWN_PASSCODE: &str = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";

/// Requests a passcode and reads it from the mail.
async fn passcode(app: &TestApp, email: &str) -> String {
    app.anonymous().post("/users/otp/request", json!({ "email": email })).await.expect_status(204);
    app.passcode(email).await
}

fn body(email: &str, password: &str, passcode: &str) -> Value {
    json!({ "email": email, "password": password, "one_time_passcode": passcode })
}

async fn redeem(app: &TestApp, email: &str, password: &str, passcode: &str) -> Answer {
    app.anonymous().post("/users/otp/change-password", body(email, password, passcode)).await
}

#[tokio::test]
async fn a_passcode_changes_the_password_once_and_ends_every_session() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let token = ada.create_token(json!({ "token_name": "ci" })).await;
    let code = passcode(&app, "ada@example.com").await;
    let changed = redeem(&app, "ADA@example.com", NEW, &code).await.expect_status(204);
    assert_exchange!("the_passcode_changes_the_password_and_revokes_every_key", changed);
    for dead in [&ada, &token] {
        dead.get("/users/me").await.expect_status(401);
    }
    owner.get("/users/me").await.expect_status(200);
    app.login("ada@example.com", PASSWORD).await.expect_status(401);
    app.login("ada@example.com", NEW).await.expect_status(201);
    redeem(&app, "ada@example.com", "Y3t-Another_Password-Here", &code).await.expect_status(400);
    app.login("ada@example.com", NEW).await.expect_status(201);
    app.assert_consistent().await;
}

#[tokio::test]
async fn every_copy_of_the_profile_follows_for_every_status_and_role() {
    let (app, owner, _) = TestApp::with_user("dormant").await;
    app.user_with_roles(&owner, "auditor", &["auditor", "user-admin"]).await;
    app.user_with_roles(&owner, "suspended", &["template-admin"]).await;
    owner.put("/users/suspended/status/suspend", Value::Null).await.expect_status(200);
    owner.put("/users/auditor/roles", json!({ "roles": ["owner", "auditor"] })).await.expect_status(200);
    for name in ["dormant", "auditor", "suspended"] {
        let email = format!("{name}@example.com");
        let code = passcode(&app, &email).await;
        redeem(&app, &email, NEW, &code).await.expect_status(204);
        app.assert_consistent().await;
    }
    // A user who never signed in has chosen this password, so it is not temporary.
    let session = app.login("dormant@example.com", NEW).await.expect_status(201).json();
    assert!(session.get("must_change_password").is_none(), "{session}");
    app.assert_consistent().await;
}

#[tokio::test]
async fn every_refused_passcode_has_the_same_body_and_cost() {
    let (app, owner) = TestApp::with_owner().await;
    for name in ["ada", "ben", "gone", "late"] {
        app.create_user(&owner, name).await;
    }
    let of_ada = passcode(&app, "ada@example.com").await;
    let of_gone = passcode(&app, "gone@example.com").await;
    owner.delete("/users/gone").await.expect_status(200);
    let mut answers = Vec::new();
    for (email, code) in [
        ("ada@example.com", UNKNOWN_PASSCODE),
        ("ada@example.com", "no uuid at all"),
        ("unknown@example.com", UNKNOWN_PASSCODE),
        ("ben@example.com", UNKNOWN_PASSCODE),
        ("ben@example.com", of_ada.as_str()),
        ("gone@example.com", of_gone.as_str()),
        ("ada@example.com", &of_ada.to_uppercase()),
    ] {
        let hashes = app.app.hash_computations();
        let answer = redeem(&app, email, NEW, code).await.expect_status(400);
        let cost = answer.cost();
        answers.push((answer.text.clone(), cost.trips, cost.calls, app.app.hash_computations() - hashes));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!((answers[0].1, answers[0].3), (2, 0));
    redeem(&app, "ada@example.com", NEW, &of_ada).await.expect_status(204);
}

#[tokio::test]
async fn a_passcode_expires_after_its_lifetime() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    let code = passcode(&app, "ada@example.com").await;
    app.clock.advance(TimeDelta::minutes(10));
    let expired = redeem(&app, "ada@example.com", NEW, &code).await.expect_status(400);
    assert_exchange!("an_expired_passcode_is_refused", expired);
    let code = passcode(&app, "ada@example.com").await;
    app.clock.advance(TimeDelta::seconds(599));
    redeem(&app, "ada@example.com", NEW, &code).await.expect_status(204);
}

#[tokio::test]
async fn a_new_request_replaces_the_passcode() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    let first = passcode(&app, "ada@example.com").await;
    let second = passcode(&app, "ada@example.com").await;
    assert_ne!(first, second);
    redeem(&app, "ada@example.com", NEW, &first).await.expect_status(400);
    redeem(&app, "ada@example.com", NEW, &second).await.expect_status(204);
}

#[tokio::test]
async fn every_password_change_ends_the_passcode() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    let code = passcode(&app, "ada@example.com").await;
    owner.put("/users/ada/password", json!({ "password": "AnotherSecurePassword!" })).await.expect_status(204);
    redeem(&app, "ada@example.com", NEW, &code).await.expect_status(400);
    app.login("ada@example.com", "AnotherSecurePassword!").await.expect_status(201);
}

#[tokio::test]
async fn a_passcode_of_a_deleted_user_is_refused_for_the_next_one() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    let code = passcode(&app, "ada@example.com").await;
    owner.delete("/users/ada").await.expect_status(200);
    app.create_user(&owner, "ada").await;
    redeem(&app, "ada@example.com", NEW, &code).await.expect_status(400);
}

#[tokio::test]
async fn the_policy_is_checked_before_the_passcode_and_keeps_it() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    let code = passcode(&app, "ada@example.com").await;
    for (password, code) in [("password", UNKNOWN_PASSCODE), ("newpassword", &code), (&"x".repeat(65), &code)] {
        let refused = redeem(&app, "ada@example.com", password, code).await.expect_status(400);
        assert_eq!(refused.invalid_fields(), ["password"], "{password}");
    }
    redeem(&app, "ada@example.com", NEW, &code).await.expect_status(204);
}

#[tokio::test]
async fn the_current_password_is_refused_and_keeps_the_passcode() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    let code = passcode(&app, "ada@example.com").await;
    let same = redeem(&app, "ada@example.com", PASSWORD, &code).await.expect_status(400);
    assert_exchange!("the_current_password_is_refused", same);
    redeem(&app, "ada@example.com", NEW, &code).await.expect_status(204);
}

#[tokio::test]
async fn every_member_is_required() {
    let app = TestApp::start().await;
    for (body, fields) in [
        (json!({}), vec!["email", "password", "one_time_passcode"]),
        (body("ada@example.com", NEW, ""), vec!["one_time_passcode"]),
        (body("ada", "", UNKNOWN_PASSCODE), vec!["email", "password"]),
    ] {
        let refused = app.anonymous().post("/users/otp/change-password", body.clone()).await.expect_status(400);
        assert_eq!(refused.invalid_fields(), fields, "{body}");
    }
}

#[tokio::test]
async fn only_one_of_a_hundred_concurrent_redemptions_succeeds() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    let code = passcode(&app, "ada@example.com").await;
    let mut redemptions = tokio::task::JoinSet::new();
    for index in 0..100 {
        let (anonymous, code) = (app.anonymous(), code.clone());
        redemptions.spawn(async move {
            let password = format!("{NEW}-{index}");
            let body = body("ada@example.com", &password, &code);
            (anonymous.post("/users/otp/change-password", body).await.status, password)
        });
    }
    let outcomes = redemptions.join_all().await;
    let (good, refused): (Vec<_>, Vec<_>) =
        outcomes.into_iter().partition(|(status, _)| *status == StatusCode::NO_CONTENT);
    assert_eq!(good.len(), 1, "{good:?}");
    assert!(refused.iter().all(|(status, _)| *status == StatusCode::BAD_REQUEST), "{refused:?}");
    app.login("ada@example.com", &good[0].1).await.expect_status(201);
}

#[tokio::test]
async fn a_redemption_unlocks_the_user_and_ends_the_temporary_password() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    let before = app.login("ada@example.com", PASSWORD).await.expect_status(201);
    assert_eq!(before.json()["must_change_password"], json!(true));
    for _ in 0..20 {
        app.login("ada@example.com", "wrong").await.expect_status(401);
    }
    let code = passcode(&app, "ada@example.com").await;
    redeem(&app, "ada@example.com", NEW, &code).await.expect_status(204);
    let after = app.login("ada@example.com", NEW).await.expect_status(201);
    assert_eq!(after.json().get("must_change_password"), None);
    let ada = app.anonymous().with_token(after.text_at("/session_token"));
    assert_eq!(ada.get("/users/me").await.json().get("must_change_password"), None);
}

#[tokio::test]
async fn a_redemption_keeps_status_and_login_type() {
    let (app, owner, _) = TestApp::with_actor("ada", &[]).await;
    owner.put("/users/ada/status/suspend", Value::Null).await.expect_status(200);
    let code = passcode(&app, "ada@example.com").await;
    redeem(&app, "ada@example.com", NEW, &code).await.expect_status(204);
    let refused = app.login("ada@example.com", NEW).await.expect_status(401);
    assert!(refused.text_at("/message").contains("suspended"), "{}", refused.text);
    owner.put("/users/ada/status/activate", Value::Null).await.expect_status(200);
    app.login("ada@example.com", NEW).await.expect_status(201);
}

#[tokio::test]
async fn a_user_renamed_after_the_request_redeems_the_passcode() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    let code = passcode(&app, "ada@example.com").await;
    owner.put("/users/ada/profile", json!({ "username": "lovelace", "name": "" })).await.expect_status(200);
    redeem(&app, "ada@example.com", NEW, &code).await.expect_status(204);
    app.login("ada@example.com", NEW).await.expect_status(201);
    // Further changes succeed only if both copies of the profile agree.
    owner.put("/users/lovelace/roles", json!({ "roles": ["auditor"] })).await.expect_status(200);
    owner.put("/users/lovelace/status/suspend", Value::Null).await.expect_status(200);
}

#[tokio::test]
async fn no_password_is_changed_while_passwords_are_disabled() {
    let app = TestApp::with(&[("ROSTER_DISABLE_PASSWORD_AUTH", "true")]).await;
    let body = json!({ "email": "a@example.com", "password": "Br4nd-New_Password", "one_time_passcode": "x" });
    let refused = app.anonymous().post("/users/otp/change-password", body).await.expect_status(403);
    assert_exchange!("no_password_is_changed_while_passwords_are_disabled", refused);
}

cases! {
    missing_members_are_reported_together: anonymous POST "/users/otp/change-password" {} => 400;
    a_weak_password_is_refused:
        anonymous POST "/users/otp/change-password"
        { "email": "owner@example.com", "password": "password", "one_time_passcode": "x" } => 400;
    a_wrong_passcode_is_refused:
        anonymous POST "/users/otp/change-password"
        { "email": "owner@example.com", "password": "Br4nd-New_Password", "one_time_passcode": "x" } => 400;
    an_unknown_email_address_is_refused_like_a_wrong_passcode:
        anonymous POST "/users/otp/change-password"
        { "email": "nobody@example.com", "password": "Br4nd-New_Password", "one_time_passcode": "x" } => 400;
}
