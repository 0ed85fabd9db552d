//! `POST /users`: conflicts, permissions, and the order of the checks.

use http::StatusCode;
use roster_tests::TestApp;
use roster_tests::app::PASSWORD;
use serde_json::{Value, json};

use super::{ada, assert_nothing_left, create, service_account};
use crate::users::{Cast, NIL, UNKNOWN, assert_forbidden, assert_invalid, assert_says_only_a_message, item_keys, with};

#[tokio::test]
async fn a_taken_name_or_email_in_another_case_conflicts_and_stores_nothing() {
    let (app, owner) = TestApp::with_owner().await;
    let body = ada(&json!({ "username": "Ada", "email": "ÄDA@Example.com" }));
    create(&owner, body).await.expect_status(201);
    let before = item_keys(&app).await;
    let cases = [
        json!({ "username": "aDA", "email": "other@example.com" }),
        json!({ "username": "other", "email": "äda@example.COM" }),
        json!({ "username": "ADA", "email": "äda@example.com" }),
        json!({ "username": "ada", "email": "owner@example.com" }),
    ];
    for taken in cases {
        assert_says_only_a_message(&create(&owner, ada(&taken)).await.expect_status(409));
    }
    assert_nothing_left(&app, &before).await;
    assert_eq!(owner.get("/users?limit=1").await.json()["count"], 2);
}

#[tokio::test]
async fn the_name_of_the_system_user_is_taken() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    for username in ["prebuilds", "PreBuilds"] {
        let refused = create(&owner, ada(&json!({ "username": username }))).await.expect_status(409);
        assert_says_only_a_message(&refused);
    }
    assert_nothing_left(&app, &before).await;
    // A caller who may neither read nor create users gets the same refusal as for any name.
    let member = app.user_with_roles(&owner, "member", &[]).await;
    let refused = create(&member, ada(&json!({ "username": "prebuilds" }))).await;
    assert_forbidden(&refused);
    assert_eq!(refused.text, create(&member, ada(&json!({}))).await.text);
}

#[tokio::test]
async fn a_conflict_is_reported_only_to_readers_of_the_other_user() {
    let cast = Cast::assemble().await;
    create(&cast.owner, ada(&json!({}))).await.expect_status(201);
    assert_eq!(create(&cast.auditor, ada(&json!({}))).await.status, 409);
    let taken = create(&cast.member, ada(&json!({}))).await;
    let free = create(&cast.member, TestApp::new_user("bob")).await;
    assert_forbidden(&taken);
    assert_eq!(taken.text, free.text);
    assert_eq!(create(&cast.member, TestApp::new_user("member")).await.status, 409);
}

#[tokio::test]
async fn only_one_of_two_concurrent_users_with_one_name_or_email_is_created() {
    let (app, owner) = TestApp::with_owner().await;
    let pairs = [
        [json!({ "email": "a1@example.com" }), json!({ "email": "a2@example.com", "username": "ADA" })],
        [
            json!({ "email": "b@example.com", "username": "bob" }),
            json!({ "email": "B@example.com", "username": "bob2" }),
        ],
    ];
    for [first, second] in pairs {
        let (first, second) = tokio::join!(create(&owner, ada(&first)), create(&owner, ada(&second)));
        let mut statuses = [first.status, second.status];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::CREATED, StatusCode::CONFLICT], "{} {}", first.text, second.text);
    }
    let directory = item_keys(&app).await.into_iter().filter(|key| key.starts_with("DIRECTORY / "));
    assert_eq!((directory.count(), &owner.get("/users?limit=1").await.json()["count"]), (3, &json!(3)));
}

#[tokio::test]
async fn the_first_failed_check_decides_the_answer() {
    let (_app, owner, _) = TestApp::with_user("taken").await;
    let mut body = json!({
        "email": "ada",
        "username": "taken",
        "login_type": "none",
        "password": "weak",
        "organization_ids": [],
        "roles": ["nonsense"],
        "user_status": "sleepy",
    });
    let steps: [(Value, u16, &[&str]); 8] = [
        (json!({}), 400, &["email"]),
        (json!({ "email": "ada@example.com" }), 400, &[]),
        (json!({ "login_type": "password" }), 400, &["organization_ids"]),
        (json!({ "organization_ids": [UNKNOWN] }), 409, &[]),
        (json!({ "username": "ada" }), 404, &[]),
        (json!({ "organization_ids": [NIL] }), 400, &["password"]),
        (json!({ "password": PASSWORD }), 400, &["roles"]),
        (json!({ "roles": [] }), 400, &["user_status"]),
    ];
    for (repair, status, fields) in steps {
        body = with(&body, &repair);
        let refused = create(&owner, body.clone()).await.expect_status(status);
        assert_eq!(refused.invalid_fields(), fields, "{body}");
    }
    create(&owner, with(&body, &json!({ "user_status": "active" }))).await.expect_status(201);
}

#[tokio::test]
async fn the_permission_is_checked_after_the_password_and_before_the_roles() {
    let cast = Cast::assemble().await;
    assert_invalid(&create(&cast.member, ada(&json!({ "password": "weak" }))).await, &["password"]);
    create(&cast.member, ada(&json!({ "organization_ids": [UNKNOWN] }))).await.expect_status(404);
    assert_forbidden(&create(&cast.member, service_account("robot", &json!({}))).await);
    assert_forbidden(&create(&cast.member, ada(&json!({ "roles": ["nonsense"], "user_status": "sleepy" }))).await);
}
