//! The header with which owners bypass rate limits.

use http::Method;
use roster_tests::{Actor, Answer};

use super::{exhaust, limited, validate};
use crate::cases::assert_exchange;

async fn get_with(actor: &Actor, path: &str, bypass: &str) -> Answer {
    actor.send(Method::GET, &format!("/api/v2{path}"), &[("x-coder-bypass-ratelimit", bypass)], "").await
}

#[tokio::test]
async fn an_owner_bypasses_the_limit() {
    let (_app, owner) = limited("3").await;
    for _ in 0..10 {
        let answer = get_with(&owner, "/users/me", "true").await.expect_status(200);
        assert_eq!(answer.header("x-ratelimit-limit"), "");
    }
    // The bypassed requests were not counted.
    assert_eq!(owner.get("/users/me").await.expect_status(200).header("x-ratelimit-remaining"), "2");
}

#[tokio::test]
async fn other_users_are_refused_in_plain_text() {
    let (app, owner) = limited("512").await;
    let admin = app.user_with_roles(&owner, "ada", &["user-admin"]).await;
    for path in ["/users/me", "/users/first", "/unknown"] {
        let refused = get_with(&admin, path, "true").await.expect_status(428);
        assert_eq!(refused.header("content-type"), "text/plain; charset=utf-8");
        assert!(refused.text.contains("Only owners"), "{}", refused.text);
    }
}

#[tokio::test]
async fn without_a_valid_token_the_header_is_ignored() {
    let (app, _owner) = limited("512").await;
    get_with(&app.anonymous(), "/users/first", "true").await.expect_status(200);
    get_with(&app.anonymous(), "/users/me", "true").await.expect_status(401);
    exhaust(&app.anonymous()).await;
    validate(&app.anonymous()).await.expect_status(429);
}

#[tokio::test]
async fn only_values_that_go_parses_as_true_bypass() {
    let (app, owner) = limited("512").await;
    let ada = app.user_with_roles(&owner, "ada", &[]).await;
    for value in ["false", "0", "", "yes", "tRUE"] {
        get_with(&ada, "/users/me", value).await.expect_status(200);
    }
    for value in ["1", "t", "T", "true", "TRUE", "True"] {
        get_with(&ada, "/users/me", value).await.expect_status(428);
    }
}

#[tokio::test]
async fn a_member_may_not_bypass_the_limit_and_an_owner_may() {
    let (app, owner) = limited("4").await;
    let member = app.user_with_roles(&owner, "member", &[]).await;
    let bypass = [("x-coder-bypass-ratelimit", "true")];
    for _ in 0..4 {
        member.get("/users/me").await.expect_status(200);
    }
    assert_exchange!("a_request_above_the_limit_is_refused", member.get("/users/me").await.expect_status(429));
    let refused = member.send(Method::GET, "/api/v2/users/me", &bypass, "").await.expect_status(428);
    assert_exchange!("a_member_may_not_bypass_the_limit", refused);
    for _ in 0..9 {
        owner.send(Method::GET, "/api/v2/users/me", &bypass, "").await.expect_status(200);
    }
}
