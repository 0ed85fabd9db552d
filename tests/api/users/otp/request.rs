//! `POST /users/otp/request`.

use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

use crate::cases::{assert_exchange, cases};

async fn request(app: &TestApp, email: &str) -> Answer {
    app.anonymous().post("/users/otp/request", json!({ "email": email })).await
}

/// Users in every state that an answer might reveal.
async fn with_users_in_every_state() -> (TestApp, Actor) {
    let (app, owner, _) = TestApp::with_actor("active", &[]).await;
    app.create_user(&owner, "dormant").await;
    app.user_with_roles(&owner, "suspended", &[]).await;
    owner.put("/users/suspended/status/suspend", Value::Null).await.expect_status(200);
    app.create_user(&owner, "gone").await;
    owner.delete("/users/gone").await.expect_status(200);
    owner.create_user_with("robot", json!({ "login_type": "none", "password": "" })).await;
    (app, owner)
}

const STATES: [&str; 6] = ["active", "dormant", "suspended", "gone", "robot", "unknown"];

#[tokio::test]
async fn the_answer_is_the_same_for_every_state_of_the_user() {
    let (app, _owner) = with_users_in_every_state().await;
    let mut seen = Vec::new();
    for name in STATES {
        let answer = request(&app, &format!("{name}@example.com")).await.expect_status(204);
        let headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        seen.push((answer.text.clone(), headers));
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
    assert_eq!(seen[0].0, "");
}

#[tokio::test]
async fn the_cost_is_the_same_for_every_state_of_the_user() {
    let (app, _owner) = with_users_in_every_state().await;
    for name in STATES {
        let hashes = app.app.hash_computations();
        let cost = request(&app, &format!("{name}@example.com")).await.expect_status(204).cost();
        assert_eq!((cost.trips, cost.calls), (2, 2), "{name}");
        assert_eq!(app.app.hash_computations(), hashes, "{name}");
        // The message is padded; the size of the audit entry depends on its names, but stays below the next unit.
        assert!((cost.write_units - 8.0).abs() < f64::EPSILON, "{name}: {cost:?}");
    }
}

#[tokio::test]
async fn only_users_with_a_password_get_a_mail() {
    let (app, _owner) = with_users_in_every_state().await;
    for name in STATES {
        let before = app.mails().await.len();
        request(&app, &format!("{name}@example.com")).await.expect_status(204);
        let mails = app.mails().await;
        let expected = usize::from(["active", "dormant", "suspended"].contains(&name));
        assert_eq!(mails.len() - before, expected, "{name}");
    }
}

#[tokio::test]
async fn the_mail_goes_to_the_stored_email_address() {
    let (app, owner) = TestApp::with_owner().await;
    owner.create_user_with("kim", json!({ "email": "Kim@Example.com", "name": "Kim Possible" })).await;
    // U+212A, the Kelvin sign, becomes a `k` in lower case but may name another mailbox.
    for typed in ["kim@example.com", "KIM@EXAMPLE.COM", "\u{212a}im@example.com"] {
        request(&app, typed).await.expect_status(204);
        let mails = app.mails().await;
        let mail = mails.last().expect("a mail was written");
        assert_eq!((mail.to.as_str(), mail.name.as_str()), ("Kim@Example.com", "Kim Possible"), "{typed}");
    }
}

#[tokio::test]
async fn the_greeting_uses_the_name_of_the_profile() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    request(&app, "ada@example.com").await.expect_status(204);
    assert_eq!(app.mails().await.last().map(|mail| mail.name.clone()).as_deref(), Some("ada"));
    owner.put("/users/ada/profile", json!({ "username": "ada", "name": "Ada L." })).await.expect_status(200);
    request(&app, "ada@example.com").await.expect_status(204);
    assert_eq!(app.mails().await.last().map(|mail| mail.name.clone()).as_deref(), Some("Ada L."));
}

#[tokio::test]
async fn a_request_changes_neither_sessions_nor_password() {
    let (app, _owner, ada) = TestApp::with_actor("ada", &[]).await;
    request(&app, "ada@example.com").await.expect_status(204);
    ada.get("/users/me").await.expect_status(200);
    app.login("ada@example.com", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn the_outbox_holds_passcode_and_email_address_encrypted() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    request(&app, "ada@example.com").await.expect_status(204);
    let passcode = app.passcode("ada@example.com").await;
    for item in app.items().await {
        let text = format!("{item:?}");
        assert!(!text.contains(&passcode), "{text}");
        assert!(!text.contains("OUTBOX#") || !text.contains("ada@example.com"), "{text}");
    }
}

#[tokio::test]
async fn an_email_address_is_required() {
    let app = TestApp::start().await;
    for body in [json!({}), json!(null), json!({ "email": "ada" }), json!({ "email": "ada@localhost" })] {
        let refused = app.anonymous().post("/users/otp/request", body.clone()).await.expect_status(400);
        assert_eq!(refused.invalid_fields(), ["email"], "{body}");
    }
}

#[tokio::test]
async fn disabled_passwords_are_reported_before_the_body_is_validated() {
    let app = TestApp::with(&[("ROSTER_DISABLE_PASSWORD_AUTH", "true")]).await;
    for path in ["/users/otp/request", "/users/otp/change-password"] {
        for body in [json!({ "email": "ada@example.com" }), json!({})] {
            app.anonymous().post(path, body).await.expect_status(403);
        }
    }
    assert_eq!(app.item_keys().await, Vec::<String>::new());
}

#[tokio::test]
async fn no_passcode_is_sent_while_passwords_are_disabled() {
    let app = TestApp::with(&[("ROSTER_DISABLE_PASSWORD_AUTH", "true")]).await;
    let body = json!({ "email": "owner@example.com" });
    let refused = app.anonymous().post("/users/otp/request", body).await.expect_status(403);
    assert_exchange!("no_passcode_is_sent_while_passwords_are_disabled", refused);
}

cases! {
    a_passcode_is_requested: anonymous POST "/users/otp/request" { "email": "owner@example.com" } => 204;
    a_passcode_for_an_unknown_email_address_has_the_same_answer:
        anonymous POST "/users/otp/request" { "email": "nobody@example.com" } => 204;
    a_passcode_for_a_suspended_user_has_the_same_answer:
        anonymous POST "/users/otp/request" { "email": "sleeper@example.com" } => 204;
    a_malformed_email_address_is_refused: anonymous POST "/users/otp/request" { "email": "owner" } => 400;
}
