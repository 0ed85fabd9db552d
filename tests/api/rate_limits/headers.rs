//! Headers of limited answers.

use super::{UNKNOWN, exhaust, limited, validate};

const RESET: i64 = 1_782_864_060;

#[tokio::test]
async fn every_counted_answer_has_the_limit_of_the_api() {
    let (app, _owner) = limited("512").await;
    let answer = app.anonymous().get("/buildinfo").await.expect_status(200);
    let headers = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"];
    assert_eq!(headers.map(|name| answer.header(name)), ["512", "511", &RESET.to_string(), ""]);
}

#[tokio::test]
async fn answers_of_the_login_group_have_its_limit() {
    let (app, _owner) = limited("512").await;
    let answer = validate(&app.anonymous()).await.expect_status(200);
    let headers = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
    assert_eq!(headers.map(|name| answer.header(name)), ["60", "59", &RESET.to_string()]);
}

#[tokio::test]
async fn the_61st_call_within_a_minute_is_refused_with_retry_after() {
    let (app, _owner) = limited("512").await;
    exhaust(&app.anonymous()).await;
    let refused = validate(&app.anonymous()).await.expect_status(429);
    assert_eq!(refused.header("content-type"), "application/json; charset=utf-8");
    assert!(refused.text_at("/message").contains("60 requests"), "{}", refused.text);
    let headers = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"];
    // A second after the window's end 59 of 60 requests still count.
    assert_eq!(headers.map(|name| refused.header(name)), ["60", "0", &RESET.to_string(), "61"]);
}

#[tokio::test]
async fn the_count_is_per_path() {
    let (app, _owner) = limited("512").await;
    exhaust(&app.anonymous()).await;
    app.login("owner@example.com", "NotThePassword!").await.expect_status(401);
}

#[tokio::test]
async fn the_count_is_per_user_when_there_is_a_valid_token() {
    let (app, owner) = limited("512").await;
    exhaust(&app.anonymous()).await;
    validate(&owner).await.expect_status(200);
}

#[tokio::test]
async fn the_limit_comes_before_authentication_and_an_invalid_token_counts_by_address() {
    let (app, _owner) = limited("3").await;
    exhaust_me(&app.anonymous()).await;
    let invalid = app.anonymous().with_token(UNKNOWN);
    invalid.get("/users/me").await.expect_status(429);
    invalid.with_token("no token at all").get("/users/me").await.expect_status(429);
    invalid.at([192, 0, 2, 8]).get("/users/me").await.expect_status(401);
}

async fn exhaust_me(actor: &roster_tests::Actor) {
    for _ in 0..3 {
        actor.get("/users/me").await.expect_status(401);
    }
    actor.get("/users/me").await.expect_status(429);
}
