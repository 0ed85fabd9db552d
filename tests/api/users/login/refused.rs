//! `POST /users/login`: refused logins.

use http::StatusCode;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, TestApp};
use serde_json::json;

use crate::cases::assert_exchange;

/// Users in every state.
async fn with_users_in_every_state() -> (TestApp, Actor) {
    let (app, owner, _) = TestApp::with_actor("active", &[]).await;
    app.create_user(&owner, "dormant").await;
    app.user_with_roles(&owner, "suspended", &[]).await;
    owner.put("/users/suspended/status/suspend", json!(null)).await.expect_status(200);
    app.create_user(&owner, "locked").await;
    app.user_with_roles(&owner, "gone", &[]).await;
    owner.delete("/users/gone").await.expect_status(200);
    let mut robot = TestApp::new_user("robot");
    robot["login_type"] = json!("none");
    robot.as_object_mut().map(|robot| robot.remove("password"));
    owner.post("/users", robot).await.expect_status(201);
    (app, owner)
}

/// Users in every state and an unknown one, each with a password that is refused.
const WRONG: [(&str, &str); 6] = [
    ("active", "wrong"),
    ("dormant", "wrong"),
    ("suspended", "wrong"),
    ("robot", "wrong"),
    ("gone", PASSWORD),
    ("unknown", PASSWORD),
];

#[tokio::test]
async fn every_refused_login_has_the_same_body() {
    let (app, _owner) = with_users_in_every_state().await;
    let first = app.login("unknown@example.com", "x").await;
    assert_eq!(first.json().as_object().map(serde_json::Map::len), Some(1), "{}", first.text);
    for (name, password) in WRONG {
        let answer = app.login(&format!("{name}@example.com"), password).await;
        assert_eq!((answer.status, &answer.text), (StatusCode::UNAUTHORIZED, &first.text), "{name}");
        assert!(answer.set_cookies("coder_session_token").is_empty(), "{name}");
    }
}

#[tokio::test]
async fn every_refused_login_costs_the_same_and_one_hash() {
    let (app, _owner) = with_users_in_every_state().await;
    for _ in 0..20 {
        app.login("locked@example.com", "wrong").await.expect_status(401);
    }
    for (name, password) in WRONG.into_iter().chain([("locked", PASSWORD)]) {
        let before = app.app.hash_computations();
        let cost = app.login(&format!("{name}@example.com"), password).await.expect_status(401).cost();
        // The user is read while the attempt is counted and audited.
        assert_eq!((cost.trips, cost.calls, app.app.hash_computations() - before), (1, 3, 1), "{name}");
        assert!((cost.write_units - 2.0).abs() < f64::EPSILON, "{name}: {cost:?}");
    }
}

#[tokio::test]
async fn the_right_password_costs_one_hash() {
    let (app, _owner) = with_users_in_every_state().await;
    for (name, status) in [("active", 201), ("dormant", 201), ("suspended", 401)] {
        let before = app.app.hash_computations();
        app.login(&format!("{name}@example.com"), PASSWORD).await.expect_status(status);
        assert_eq!(app.app.hash_computations() - before, 1, "{name}");
    }
}

#[tokio::test]
async fn a_suspended_user_learns_the_reason_only_with_the_right_password() {
    let (app, owner) = with_users_in_every_state().await;
    let answer = app.login("suspended@example.com", PASSWORD).await.expect_status(401);
    assert!(answer.text_at("/message").contains("suspended"), "{}", answer.text);
    assert!(answer.set_cookies("coder_session_token").is_empty(), "{:?}", answer.headers);
    owner.put("/users/suspended/status/activate", json!(null)).await.expect_status(200);
    app.login("suspended@example.com", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn a_user_of_another_login_type_learns_the_reason_only_with_the_password() {
    let (app, _owner) = with_users_in_every_state().await;
    let hash = app.password_hash("active@example.com").await;
    app.import_password_hash("robot@example.com", &hash).await;
    let answer = app.login("robot@example.com", PASSWORD).await.expect_status(403);
    assert_exchange!("a_user_of_another_login_type_is_refused_with_the_reason", answer);
    app.login("robot@example.com", "wrong").await.expect_status(401);
}

#[tokio::test]
async fn disabled_passwords_are_reported_only_with_the_right_password() {
    let app = TestApp::with(&[("ROSTER_DISABLE_PASSWORD_AUTH", "true")]).await;
    let first = json!({ "email": "owner@example.com", "username": "owner", "password": PASSWORD });
    app.anonymous().post("/users/first", first).await.expect_status(201);
    let refused = app.login("owner@example.com", PASSWORD).await.expect_status(403);
    assert_exchange!("the_right_password_is_refused_while_passwords_are_disabled", refused);
    let wrong = app.login("owner@example.com", "wrong").await.expect_status(401);
    assert_eq!(wrong.text, app.login("unknown@example.com", PASSWORD).await.expect_status(401).text);
}

#[tokio::test]
async fn a_username_is_not_an_email_address() {
    let (app, _owner) = TestApp::with_owner().await;
    for email in ["owner", "owner@localhost", "@example.com"] {
        let refused = app.login(email, PASSWORD).await.expect_status(400);
        assert_eq!(refused.invalid_fields(), ["email"], "{email}");
    }
}

#[tokio::test]
async fn both_members_are_required() {
    let (app, _owner) = TestApp::with_owner().await;
    for (body, fields) in [
        (json!({}), vec!["email", "password"]),
        (json!(null), vec!["email", "password"]),
        (json!({ "email": "", "password": null }), vec!["email", "password"]),
        (json!({ "email": "owner@example.com", "password": "" }), vec!["password"]),
        (json!({ "password": PASSWORD }), vec!["email"]),
    ] {
        let refused = app.anonymous().post("/users/login", body.clone()).await.expect_status(400);
        assert_eq!(refused.invalid_fields(), fields, "{body}");
    }
}

#[tokio::test]
async fn a_refusal_never_repeats_the_password() {
    let (app, _owner) = with_users_in_every_state().await;
    let password = "Correct-Horse-Battery-7";
    for (body, status) in [
        (json!({ "email": "active@example.com", "password": password }), 401),
        (json!({ "email": "nonsense", "password": password }), 400),
        (json!({ "email": [password], "password": password }), 400),
        (json!({ "password": { "text": password } }), 400),
    ] {
        let answer = app.anonymous().post("/users/login", body).await.expect_status(status);
        assert!(!answer.text.contains(password), "{}", answer.text);
    }
}

#[tokio::test]
async fn an_unreadable_stored_hash_is_an_internal_error_without_details() {
    let (app, _owner) = TestApp::with_owner().await;
    app.import_password_hash("owner@example.com", "$nonsense$with$a$hash").await;
    let answer = app.login("owner@example.com", PASSWORD).await.expect_status(500);
    assert!(!answer.text.contains("nonsense") && !answer.text.contains("hash"), "{}", answer.text);
    assert!(answer.text_at("/detail").contains(&answer.header("x-coder-request-id")), "{}", answer.text);
}
