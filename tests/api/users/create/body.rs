//! `POST /users`: decoding of the body.

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::json;

use super::{ada, assert_nothing_left, create};
use crate::users::{NIL, assert_invalid, item_keys};

/// Sends a body without any encoding.
async fn send(actor: &Actor, body: impl Into<bytes::Bytes>) -> Answer {
    actor.send(Method::POST, "/api/v2/users", &[], body).await
}

#[tokio::test]
async fn member_names_ignore_case_and_the_last_value_wins_unless_it_is_null() {
    let (_app, owner) = TestApp::with_owner().await;
    let body = format!(
        r#"{{"EMAIL": "first@example.com", "Email": "ada@example.com", "email": null, "uSERNAME": "ada",
             "PassWord": "{PASSWORD}", "Organization_IDs": ["{NIL}"], "user_status": "active",
             "USER_STATUS": "suspended"}}"#
    );
    let created = send(&owner, body).await.expect_status(201);
    assert_eq!(
        (created.text_at("/email"), created.text_at("/status")),
        ("ada@example.com".to_owned(), "suspended".to_owned())
    );
}

#[tokio::test]
async fn null_counts_as_absent() {
    let (_app, owner) = TestApp::with_owner().await;
    let body = format!(
        r#"{{"email": "ada@example.com", "username": "ada", "password": "{PASSWORD}", "organization_ids": ["{NIL}"],
             "name": null, "login_type": null, "user_status": null, "organization_id": null, "service_account": null,
             "roles": null}}"#
    );
    let created = send(&owner, body).await.expect_status(201);
    assert_eq!(
        (created.text_at("/status"), created.text_at("/login_type")),
        ("dormant".to_owned(), "password".to_owned())
    );
    assert_invalid(&send(&owner, "null").await, &["email", "username"]);
}

#[tokio::test]
async fn text_with_a_nul_is_refused_except_in_a_password() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    for member in ["username", "email", "name", "login_type", "user_status"] {
        create(&owner, ada(&json!({ member: "a\u{0}b" }))).await.expect_status(400);
    }
    create(&owner, ada(&json!({ "roles": ["a\u{0}b"] }))).await.expect_status(400);
    assert_nothing_left(&app, &before).await;
    let password = format!("{PASSWORD}\u{0}");
    create(&owner, ada(&json!({ "password": password }))).await.expect_status(201);
    assert_eq!(app.login("ada@example.com", &password).await.status, 201);
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status, 401);
}
