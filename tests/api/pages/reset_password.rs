//! `/reset-password`.

mod change;

use roster_tests::{Answer, Fault, TestApp};
use serde_json::json;

use crate::cases::assert_exchange;
use http::Method;

async fn ask(app: &TestApp, email: &str) -> Answer {
    app.anonymous().post_form("/reset-password", &[("email", email)]).await
}

#[tokio::test]
async fn the_form_is_filled_with_the_email_address_of_the_link() {
    let app = TestApp::start().await;
    let empty = app.anonymous().get_page("/reset-password").await.expect_status(200);
    assert!(
        empty.text.contains(r#"<input id="email" name="email" type="text" autocomplete="email""#),
        "{}",
        empty.text
    );
    assert!(!empty.text.contains("value="), "{}", empty.text);
    let filled = app.anonymous().get_page("/reset-password?email=ada%2Bx%40example.com").await.expect_status(200);
    assert!(filled.text.contains(r#"value="ada+x@example.com""#), "{}", filled.text);
}

#[tokio::test]
async fn the_form_sends_the_same_mail_as_the_api() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    ask(&app, " ada@example.com ").await.expect_status(200);
    assert_eq!(app.mails().await.len(), 1);
    let body = json!({
        "email": "ada@example.com", "password": "Br4nd-New_Password", "one_time_passcode": app.passcode("ada@example.com").await,
    });
    app.anonymous().post("/users/otp/change-password", body).await.expect_status(204);
    let entries = app.audit_entries().await;
    let asked: Vec<_> = entries.iter().filter(|entry| entry.action == "request_password_reset").collect();
    assert_eq!((asked.len(), asked[0].target.as_str(), asked[0].ip.as_str()), (1, "ada", "192.0.2.7"));
}

#[tokio::test]
async fn the_answer_is_the_same_for_known_and_unknown_email_addresses() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    owner.create_user_with("robot", json!({ "login_type": "none", "password": "" })).await;
    let mut seen = Vec::new();
    for name in ["ada", "robot", "unknown"] {
        let answer = ask(&app, &format!("{name}@example.com")).await.expect_status(200);
        let cost = answer.cost();
        let headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        seen.push((answer.text, headers, cost));
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
    assert!(seen[0].0.contains("10 minutes"), "{}", seen[0].0);
    assert_eq!(app.mails().await.len(), 1);
}

#[tokio::test]
async fn the_page_shows_the_lifetime_of_the_link() {
    let app = TestApp::with(&[("ROSTER_ONE_TIME_PASSCODE_LIFETIME", "90s")]).await;
    let answer = ask(&app, "ada@example.com").await.expect_status(200);
    assert!(answer.text.contains("2 minutes"), "{}", answer.text);
}

#[tokio::test]
async fn an_invalid_email_address_shows_the_form_again() {
    let app = TestApp::start().await;
    for email in ["", "ada", "Ada <ada@example.com>", "ada@example.com\nbob@example.com"] {
        let answer = ask(&app, email).await.expect_status(400);
        assert!(answer.text.contains(r#"role="alert""#), "{email}: {}", answer.text);
        assert!(answer.text.contains(r#"aria-invalid="true" aria-describedby="email-problem""#), "{email}");
        assert!(answer.text.contains("<title>Error: "), "{email}");
    }
    assert!(app.mails().await.is_empty());
}

#[tokio::test]
async fn an_unreachable_database_is_explained_on_the_page() {
    let app = TestApp::start().await;
    app.faults.script([Fault::Throttle; 64]);
    let answer = ask(&app, "ada@example.com").await.expect_status(503);
    assert!(answer.text.contains("Try again in a moment."), "{}", answer.text);
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(!answer.header("retry-after").is_empty());
}

#[tokio::test]
async fn every_answer_is_a_page() {
    let app = TestApp::start().await;
    assert_exchange!("the_form_asks_for_an_address", app.anonymous().get_page("/reset-password").await);
    assert_exchange!("the_page_says_that_a_mail_is_sent", ask(&app, "ada@example.com").await);
    assert_exchange!("a_malformed_address_is_refused", ask(&app, "ada").await);
    let json = app.anonymous().send(Method::POST, "/reset-password", &[], "{}").await;
    assert_exchange!("a_body_that_is_not_a_form_is_refused", json);
    app.faults.script([Fault::Throttle; 64]);
    assert_exchange!("a_throttled_database_is_reported", ask(&app, "ada@example.com").await);
    let disabled = TestApp::with(&[("ROSTER_DISABLE_PASSWORD_AUTH", "true")]).await;
    assert_exchange!("disabled_passwords_are_reported", disabled.anonymous().get_page("/reset-password").await);
}
