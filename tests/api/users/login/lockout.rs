//! Lockout: after too many wrong passwords a user's logins are refused for a while, even with the right password.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::TimeDelta;
use http::StatusCode;
use roster_tests::app::PASSWORD;
use roster_tests::{Fault, TestApp};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// The number of wrong passwords without a wait, by the default settings.
const FREE: u32 = 10;

async fn fail(app: &TestApp, email: &str, times: u32) {
    for _ in 0..times {
        app.login(email, "wrong").await.expect_status(401);
    }
}

/// Signs in concurrently, at most a hundred requests at a time: the embedded database writes one item after the other, and
/// the SDK retries a call that waits for seconds. Returns the statuses.
async fn sign_in_concurrently(app: &TestApp, password: &'static str, times: usize) -> Vec<StatusCode> {
    let in_flight = Arc::new(Semaphore::new(100));
    let mut logins = JoinSet::new();
    for _ in 0..times {
        let (anonymous, in_flight) = (app.anonymous(), in_flight.clone());
        logins.spawn(async move {
            let _turn = in_flight.acquire().await;
            let body = json!({ "email": "ada@example.com", "password": password });
            anonymous.post("/users/login", body).await.status
        });
    }
    logins.join_all().await
}

#[tokio::test]
async fn a_locked_user_is_refused_with_the_right_password() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    fail(&app, "ada@example.com", FREE).await;
    let wrong = app.login("unknown@example.com", "wrong").await.expect_status(401);
    let locked = app.login("ada@example.com", PASSWORD).await;
    assert_eq!((locked.status, &locked.text), (StatusCode::UNAUTHORIZED, &wrong.text));
    assert!(locked.set_cookies("coder_session_token").is_empty(), "{:?}", locked.headers);
    let names = |answer: &roster_tests::Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&locked), names(&wrong));
}

#[tokio::test]
async fn the_wait_doubles_with_each_failure_and_ends() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    fail(&app, "ada@example.com", FREE).await;
    for wait in [15, 30, 60] {
        app.clock.advance(TimeDelta::seconds(wait));
        fail(&app, "ada@example.com", 1).await;
    }
    app.clock.advance(TimeDelta::seconds(119));
    app.login("ada@example.com", PASSWORD).await.expect_status(401);
    // The attempt during the wait did not prolong it.
    app.clock.advance(TimeDelta::seconds(1));
    app.login("ada@example.com", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn the_wait_has_a_maximum() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    for _ in 0..20 {
        fail(&app, "ada@example.com", 1).await;
        app.clock.advance(TimeDelta::minutes(15));
    }
    app.login("ada@example.com", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn an_owner_is_not_locked_out_permanently() {
    let (app, _owner) = TestApp::with_owner().await;
    fail(&app, "owner@example.com", 100).await;
    app.login("owner@example.com", PASSWORD).await.expect_status(401);
    app.clock.advance(TimeDelta::minutes(15));
    app.login("owner@example.com", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn a_successful_login_resets_the_counter() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    for _ in 0..5 {
        fail(&app, "ada@example.com", FREE - 1).await;
        app.login("ada@example.com", PASSWORD).await.expect_status(201);
    }
    assert_eq!(app.login_failures("ada@example.com").await, 0);
}

#[tokio::test]
async fn failures_of_the_day_before_do_not_count() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    fail(&app, "ada@example.com", FREE + 20).await;
    app.clock.advance(TimeDelta::hours(25));
    fail(&app, "ada@example.com", 1).await;
    assert_eq!(app.login_failures("ada@example.com").await, 1);
    app.login("ada@example.com", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn spellings_of_an_email_address_share_a_counter_and_tags_do_not() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    for email in ["ada@example.com", "ADA@example.com", "Ada@Example.COM", "ada+x@example.com", "ada+y+z@example.com"] {
        fail(&app, email, FREE / 2).await;
    }
    assert_eq!(app.login_failures("ada@example.com").await, FREE);
    assert_eq!(app.login_failures("ada+x@example.com").await, FREE / 2);
    app.login("ADA@EXAMPLE.com", PASSWORD).await.expect_status(401);
}

#[tokio::test]
async fn a_counter_that_expires_during_a_login_is_created_again() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    let sign_in = || app.login("ada@example.com", PASSWORD);
    // The counter may expire at any moment: here, between the count and the transaction.
    app.faults.script([Fault::None, Fault::None, Fault::None, Fault::Hold]);
    let (signed_in, ()) = app.faults.interleave(sign_in(), app.remove_item("EMAIL#ada@example.com", "ATTEMPTS")).await;
    signed_in.expect_status(201);
    let counter = app.item("EMAIL#ada@example.com", "ATTEMPTS").await;
    assert!(counter.contains_key("ttl"), "{counter:?}");
    sign_in().await.expect_status(201);
}

#[tokio::test]
async fn a_new_user_does_not_inherit_the_failures_of_the_address() {
    let (app, owner) = TestApp::with_owner().await;
    fail(&app, "later@example.com", FREE).await;
    assert_eq!(app.login_failures("later@example.com").await, FREE);
    app.create_user(&owner, "later").await;
    app.login("later@example.com", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn a_new_password_and_an_activation_end_a_lockout() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    fail(&app, "ada@example.com", FREE).await;
    owner.put("/users/ada/password", json!({ "password": "AnotherSecurePassword!" })).await.expect_status(204);
    app.login("ada@example.com", "AnotherSecurePassword!").await.expect_status(201);
    fail(&app, "ada@example.com", FREE).await;
    for change in ["suspend", "activate"] {
        owner.put(&format!("/users/ada/status/{change}"), Value::Null).await.expect_status(200);
    }
    app.login("ada@example.com", "AnotherSecurePassword!").await.expect_status(201);
}

#[tokio::test]
async fn concurrent_logins_with_the_right_password_all_succeed() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    for _ in 0..10 {
        let statuses = sign_in_concurrently(&app, PASSWORD, 50).await;
        assert_eq!(statuses, vec![StatusCode::CREATED; 50]);
    }
}

#[tokio::test]
async fn attempts_of_crashed_functions_do_not_lock_a_user() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    fail(&app, "ada@example.com", FREE).await;
    app.clock.advance(TimeDelta::seconds(15));
    let lost = format!("{:016x}#1", app.app.now().micros());
    let mut counter = app.item("EMAIL#ada@example.com", "ATTEMPTS").await;
    counter.insert("in_flight".to_owned(), AttributeValue::Ss(vec![lost]));
    app.put_item(counter).await;
    // Attempts that follow each other do not keep the lost one alive.
    app.login("ada@example.com", PASSWORD).await.expect_status(401);
    app.clock.advance(TimeDelta::seconds(50));
    app.login("ada@example.com", PASSWORD).await.expect_status(401);
    app.clock.advance(TimeDelta::seconds(20));
    app.login("ada@example.com", PASSWORD).await.expect_status(201);
    let counter = app.item("EMAIL#ada@example.com", "ATTEMPTS").await;
    assert!(!counter.contains_key("in_flight"), "{counter:?}");
}

#[tokio::test]
async fn of_a_thousand_concurrent_wrong_passwords_at_most_a_hundred_are_verified() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    let statuses = sign_in_concurrently(&app, "wrong", 1000).await;
    // On a machine under load, the embedded database is too slow for some: they are refused unverified.
    let refused = [StatusCode::UNAUTHORIZED, StatusCode::SERVICE_UNAVAILABLE];
    assert!(statuses.iter().all(|status| refused.contains(status)), "{statuses:?}");
    let failures = app.login_failures("ada@example.com").await;
    assert!((FREE..=100).contains(&failures), "{failures}");
}

#[tokio::test]
async fn a_threshold_of_zero_disables_the_lockout() {
    let (app, _owner) = TestApp::with_settings(&[("ROSTER_LOCKOUT_THRESHOLD", "0")]).await;
    fail(&app, "owner@example.com", 30).await;
    app.login("owner@example.com", PASSWORD).await.expect_status(201);
}
