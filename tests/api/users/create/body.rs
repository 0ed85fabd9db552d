//! `POST /users`: decoding of the body.

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::json;

use super::{ada, assert_nothing_left, create};
use crate::users::{NIL, assert_invalid, assert_says_only_a_message, assert_undecodable, item_keys};

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
async fn unknown_members_and_trailing_text_are_ignored() {
    let (_app, owner) = TestApp::with_owner().await;
    let unknown = json!({ "disable_login": false, "theme": { "dark": [1, "two", {}] } });
    send(&owner, ada(&unknown).to_string()).await.expect_status(201);
    for (index, trailing) in ["{\"username\": 7}", " ]]", "\n{"].into_iter().enumerate() {
        let body = TestApp::new_user(&format!("user{index}")).to_string() + trailing;
        send(&owner, body).await.expect_status(201);
    }
}

#[tokio::test]
async fn the_content_type_is_ignored() {
    let (_app, owner) = TestApp::with_owner().await;
    for (index, kind) in ["text/plain", "application/x-www-form-urlencoded", "nonsense"].into_iter().enumerate() {
        let body = TestApp::new_user(&format!("user{index}")).to_string();
        owner.send(Method::POST, "/api/v2/users", &[("content-type", kind)], body).await.expect_status(201);
    }
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_refused_without_repeating_the_value() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    let cases = [
        json!({ "username": ["leaked"] }),
        json!({ "username": 7 }),
        json!({ "email": { "leaked": "leaked" } }),
        json!({ "name": true }),
        json!({ "password": ["leaked"] }),
        json!({ "login_type": ["leaked"] }),
        json!({ "user_status": { "leaked": 1 } }),
        json!({ "service_account": "leaked" }),
        json!({ "roles": "leaked" }),
        json!({ "roles": [["leaked"]] }),
        json!({ "organization_ids": "leaked" }),
        json!({ "organization_ids": ["leaked"] }),
        json!({ "organization_ids": [7] }),
        json!({ "organization_id": "leaked" }),
    ];
    let bodies = cases.iter().map(ada).chain([json!([]), json!("leaked"), json!(["leaked"]), json!(7), json!(true)]);
    for body in bodies {
        let refused = send(&owner, body.to_string()).await;
        assert_undecodable(&refused);
        assert!(!refused.text.contains("leaked"), "{}", refused.text);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn an_empty_truncated_or_malformed_body_is_refused_with_a_detail() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    for body in [
        "",
        " \n",
        "{\"email\":",
        "{\"email\": \"leaked",
        "{leaked}",
        "{'username': 'leaked'}",
        "leaked",
        "{\"a\": 1,}",
    ] {
        let refused = send(&owner, body).await;
        assert_undecodable(&refused);
        assert!(!refused.text.contains("leaked"), "{}", refused.text);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn a_body_of_one_mebibyte_is_accepted_and_a_longer_one_is_too_large() {
    let (app, owner) = TestApp::with_owner().await;
    let body = TestApp::new_user("ada").to_string();
    let fill = |length: usize| body.clone() + &" ".repeat(length - body.len());
    let before = item_keys(&app).await;
    assert_says_only_a_message(&send(&owner, fill((1 << 20) + 1)).await.expect_status(413));
    assert_nothing_left(&app, &before).await;
    send(&owner, fill(1 << 20)).await.expect_status(201);
}

#[tokio::test]
async fn nesting_is_accepted_up_to_a_limit() {
    let (_app, owner) = TestApp::with_owner().await;
    let nested = |depth: usize| {
        let ignored = "[".repeat(depth) + &"]".repeat(depth);
        TestApp::new_user("ada").to_string().replacen('{', &format!("{{\"ignored\": {ignored}, "), 1)
    };
    assert_undecodable(&send(&owner, nested(10_001)).await);
    send(&owner, nested(64)).await.expect_status(201);
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
