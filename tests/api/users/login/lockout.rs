//! Lockout: after too many wrong passwords a user's logins are refused for a while, even with the right password.

use chrono::TimeDelta;
use http::StatusCode;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Fault, TestApp};
use serde_json::json;

/// The number of wrong passwords without a wait, by the default settings.
const FREE: u32 = 10;

async fn fail(app: &TestApp, email: &str, times: u32) {
    for _ in 0..times {
        app.login(email, "wrong").await.expect_status(401);
    }
}

/// Creates a user whose email address is that of ada with a tag.
async fn create_tagged(owner: &Actor) {
    owner.create_user_with("tagged", json!({ "email": "ada+tag@example.com" })).await;
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
async fn the_wait_doubles_with_each_attempt_and_ends() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    fail(&app, "ada@example.com", FREE).await;
    for wait in [15, 30, 60] {
        app.clock.advance(TimeDelta::seconds(wait));
        fail(&app, "ada@example.com", 1).await;
    }
    app.clock.advance(TimeDelta::seconds(119));
    app.login("ada@example.com", PASSWORD).await.expect_status(401);
    app.clock.advance(TimeDelta::seconds(240));
    app.login("ada@example.com", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn the_wait_has_a_maximum() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    fail(&app, "ada@example.com", 60).await;
    app.clock.advance(TimeDelta::minutes(15));
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
async fn spellings_and_tags_of_an_email_address_share_a_counter() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    for email in ["ada@example.com", "ADA@example.com", "Ada@Example.COM", "ada+x@example.com", "ada+y+z@example.com"] {
        fail(&app, email, FREE / 5).await;
    }
    assert_eq!(app.login_failures("ada@example.com").await, FREE);
    app.login("ADA@EXAMPLE.com", PASSWORD).await.expect_status(401);
}

#[tokio::test]
async fn a_counter_that_expires_during_a_login_is_created_again() {
    let (app, owner) = TestApp::with_owner().await;
    create_tagged(&owner).await;
    let sign_in = || app.login("ada+tag@example.com", PASSWORD);
    // The counter may expire at any moment: here, between the count and the login.
    app.faults.script([Fault::None, Fault::None, Fault::None, Fault::Hold]);
    let (signed_in, ()) = app.faults.interleave(sign_in(), app.remove_item("EMAIL#ada@example.com", "ATTEMPTS")).await;
    signed_in.expect_status(201);
    let counter = app.item("EMAIL#ada@example.com", "ATTEMPTS").await;
    assert!(counter.contains_key("last") && counter.contains_key("ttl"), "{counter:?}");
    sign_in().await.expect_status(201);
}

#[tokio::test]
async fn a_login_with_a_tagged_email_address_does_not_reset_the_counter() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    create_tagged(&owner).await;
    fail(&app, "ada@example.com", FREE - 1).await;
    app.login("ada+tag@example.com", PASSWORD).await.expect_status(201);
    assert_eq!(app.login_failures("ada@example.com").await, FREE - 1);
    fail(&app, "ada@example.com", 1).await;
    app.login("ada@example.com", PASSWORD).await.expect_status(401);
}

#[tokio::test]
async fn failures_of_an_unknown_email_address_count_for_its_later_user() {
    let (app, owner) = TestApp::with_owner().await;
    fail(&app, "later@example.com", FREE + 5).await;
    assert_eq!(app.login_failures("later@example.com").await, FREE + 5);
    app.create_user(&owner, "later").await;
    app.login("later@example.com", PASSWORD).await.expect_status(401);
    app.clock.advance(TimeDelta::minutes(15));
    app.login("later@example.com", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn a_thousand_concurrent_wrong_passwords_are_all_counted() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    // At most a hundred run at a time: the embedded database writes one item after the other, and the SDK retries a
    // call that waits for seconds.
    let in_flight = std::sync::Arc::new(tokio::sync::Semaphore::new(100));
    let mut logins = tokio::task::JoinSet::new();
    for _ in 0..1000 {
        let (anonymous, in_flight) = (app.anonymous(), in_flight.clone());
        logins.spawn(async move {
            let _turn = in_flight.acquire().await;
            let body = json!({ "email": "ada@example.com", "password": "wrong" });
            anonymous.post("/users/login", body).await.status
        });
    }
    let statuses = logins.join_all().await;
    assert!(statuses.iter().all(|status| *status == StatusCode::UNAUTHORIZED), "{statuses:?}");
    assert_eq!(app.login_failures("ada@example.com").await, 1000);
}

#[tokio::test]
async fn a_threshold_of_zero_disables_the_lockout() {
    let (app, _owner) = TestApp::with_settings(&[("ROSTER_LOCKOUT_THRESHOLD", "0")]).await;
    fail(&app, "owner@example.com", 30).await;
    app.login("owner@example.com", PASSWORD).await.expect_status(201);
}
