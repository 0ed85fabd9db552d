//! `POST /users/otp/request`.

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

use crate::cases::{assert_exchange, cases};

async fn request(app: &TestApp, email: &str) -> Answer {
    app.anonymous().post("/users/otp/request", json!({ "email": email })).await
}

/// Accounts in every state that a request could tell apart.
async fn with_accounts() -> (TestApp, Actor) {
    let (app, owner) = TestApp::with_owner().await;
    app.user_with_roles(&owner, "active", &[]).await;
    app.create_user(&owner, "dormant").await;
    app.user_with_roles(&owner, "suspended", &[]).await;
    owner.put("/users/suspended/status/suspend", Value::Null).await.expect_status(200);
    app.create_user(&owner, "gone").await;
    owner.delete("/users/gone").await.expect_status(200);
    let mut robot = TestApp::new_user("robot");
    robot["login_type"] = json!("none");
    robot["password"] = json!("");
    owner.post("/users", robot).await.expect_status(201);
    (app, owner)
}

const STATES: [&str; 6] = ["active", "dormant", "suspended", "gone", "robot", "nobody"];

#[tokio::test]
async fn the_answer_is_the_same_whatever_the_state_of_the_account() {
    let (app, _owner) = with_accounts().await;
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
async fn the_cost_is_the_same_whatever_the_state_of_the_account() {
    let (app, _owner) = with_accounts().await;
    for name in STATES {
        let hashes = app.app.hash_computations();
        let cost = request(&app, &format!("{name}@example.com")).await.expect_status(204).cost();
        assert_eq!((cost.trips, cost.calls), (2, 2), "{name}");
        assert_eq!(app.app.hash_computations(), hashes, "{name}");
        // The message is padded; a row of the log is as long as the names in it, well below the next unit.
        assert!((cost.write_units - 8.0).abs() < f64::EPSILON, "{name}: {cost:?}");
    }
}

#[tokio::test]
async fn a_mail_is_written_for_accounts_that_sign_in_with_a_password_and_nobody_else() {
    let (app, _owner) = with_accounts().await;
    for name in STATES {
        let before = app.mails().await.len();
        request(&app, &format!("{name}@example.com")).await.expect_status(204);
        let mails = app.mails().await;
        let expected = usize::from(["active", "dormant", "suspended"].contains(&name));
        assert_eq!(mails.len() - before, expected, "{name}");
    }
}

#[tokio::test]
async fn the_mail_goes_to_the_address_that_the_account_was_made_with() {
    let (app, owner) = TestApp::with_owner().await;
    let mut user = TestApp::new_user("kim");
    user["email"] = json!("Kim@Example.com");
    user["name"] = json!("Kim Possible");
    owner.post("/users", user).await.expect_status(201);
    // U+212A, the sign of Kelvin, is a `k` in lower case: another mailbox.
    for typed in ["kim@example.com", "KIM@EXAMPLE.COM", "\u{212a}im@example.com"] {
        request(&app, typed).await.expect_status(204);
        let mails = app.mails().await;
        let mail = mails.last().expect("a mail was written");
        assert_eq!((mail.to.as_str(), mail.name.as_str()), ("Kim@Example.com", "Kim Possible"), "{typed}");
    }
}

#[tokio::test]
async fn the_greeting_follows_the_profile() {
    let (app, owner) = TestApp::with_owner().await;
    app.create_user(&owner, "ada").await;
    request(&app, "ada@example.com").await.expect_status(204);
    assert_eq!(app.mails().await.last().map(|mail| mail.name.clone()).as_deref(), Some("ada"));
    owner.put("/users/ada/profile", json!({ "username": "ada", "name": "Ada L." })).await.expect_status(200);
    request(&app, "ada@example.com").await.expect_status(204);
    assert_eq!(app.mails().await.last().map(|mail| mail.name.clone()).as_deref(), Some("Ada L."));
}

#[tokio::test]
async fn a_request_changes_nothing_about_the_account() {
    let (app, owner) = TestApp::with_owner().await;
    let ada = app.user_with_roles(&owner, "ada", &[]).await;
    request(&app, "ada@example.com").await.expect_status(204);
    ada.get("/users/me").await.expect_status(200);
    app.login("ada@example.com", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn neither_passcode_nor_address_lies_readable_in_the_outbox() {
    let (app, owner) = TestApp::with_owner().await;
    app.create_user(&owner, "ada").await;
    request(&app, "ada@example.com").await.expect_status(204);
    let passcode = app.passcode("ada@example.com").await;
    for item in app.items().await {
        let text = format!("{item:?}");
        assert!(!text.contains(&passcode), "{text}");
        assert!(!text.contains("OUTBOX#") || !text.contains("ada@example.com"), "{text}");
    }
}

#[tokio::test]
async fn an_address_is_required() {
    let app = TestApp::start().await;
    for body in [json!({}), json!(null), json!({ "email": "ada" }), json!({ "email": "ada@localhost" })] {
        let refused = app.anonymous().post("/users/otp/request", body.clone()).await.expect_status(400);
        assert_eq!(refused.invalid_fields(), ["email"], "{body}");
    }
    let path = "/api/v2/users/otp/request";
    for body in ["", "{", "[1]"] {
        let refused = app.anonymous().send(Method::POST, path, &[], body).await.expect_status(400);
        assert!(!refused.text_at("/detail").is_empty(), "{body}: {}", refused.text);
    }
}

#[tokio::test]
async fn a_deployment_without_passwords_refuses_before_it_looks_at_the_body() {
    let app = TestApp::with(&[("ROSTER_DISABLE_PASSWORD_AUTH", "true")]).await;
    for path in ["/users/otp/request", "/users/otp/change-password"] {
        for body in [json!({ "email": "ada@example.com" }), json!({})] {
            app.anonymous().post(path, body).await.expect_status(403);
        }
    }
    assert_eq!(app.item_keys().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_deployment_without_passwords_sends_no_passcode() {
    let app = TestApp::with(&[("ROSTER_DISABLE_PASSWORD_AUTH", "true")]).await;
    let body = json!({ "email": "owner@example.com" });
    let refused = app.anonymous().post("/users/otp/request", body).await.expect_status(403);
    assert_exchange!("a_deployment_without_passwords_sends_no_passcode", refused);
}

cases! {
    a_passcode_is_requested: anonymous POST "/users/otp/request" { "email": "owner@example.com" } => 204;
    a_passcode_for_an_unknown_address_is_answered_alike:
        anonymous POST "/users/otp/request" { "email": "nobody@example.com" } => 204;
    a_passcode_for_a_suspended_user_is_answered_alike:
        anonymous POST "/users/otp/request" { "email": "sleeper@example.com" } => 204;
    a_malformed_address_is_refused: anonymous POST "/users/otp/request" { "email": "owner" } => 400;
}
