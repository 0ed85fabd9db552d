//! `POST /users`: invalid fields.

use std::sync::Arc;

use roster::app::App;
use roster::clock::Random;
use roster::config::Config;
use roster::storage::dynamodb::client;
use roster_local::gateway::Gateway;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

use super::{ada, assert_nothing_left, create, service_account, without_password};
use crate::cases::assert_exchange;
use crate::users::{assert_invalid, assert_says_only_a_message, item_keys};

#[tokio::test]
async fn invalid_fields_are_reported_together_in_request_order() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    let cases: [(Value, &[&str]); 9] = [
        (json!({}), &["email", "username"]),
        (Value::Null, &["email", "username"]),
        (ada(&json!({ "name": "x ", "username": "a_b", "email": "a@b" })), &["email", "username", "name"]),
        (ada(&json!({ "email": "" })), &["email"]),
        (ada(&json!({ "roles": ["auditor", "Owner"] })), &["roles"]),
        (ada(&json!({ "roles": ["auditor", "organization-admin"] })), &["roles"]),
        (ada(&json!({ "roles": ["auditor", ""] })), &["roles"]),
        (ada(&json!({ "user_status": "Active" })), &["user_status"]),
        (service_account("", &json!({ "name": " " })), &["username", "name"]),
    ];
    for (body, fields) in cases {
        assert_invalid(&create(&owner, body).await, fields);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn a_username_consists_of_ascii_letters_digits_and_single_hyphens() {
    let (_app, owner) = TestApp::with_owner().await;
    let too_long = "u".repeat(33);
    let bad = ["a_b", "a--b", "-a", "a-", "a b", " a", "a.b", "üser", "new", "create", too_long.as_str()];
    for username in bad {
        assert_invalid(&create(&owner, ada(&json!({ "username": username }))).await, &["username"]);
    }
    for (index, username) in ["1", "a1b2", "wow-test", "New", &"u".repeat(32)].into_iter().enumerate() {
        let body = json!({ "username": username, "email": format!("user{index}@example.com") });
        create(&owner, ada(&body)).await.expect_status(201);
    }
}

#[tokio::test]
async fn an_email_address_has_no_display_name_and_a_valid_domain() {
    let (_app, owner) = TestApp::with_owner().await;
    let bad = [
        "a@localhost",
        "a..b@c.com",
        ".a@b.com",
        "a@b.c1",
        "a@-b.com",
        "a@b_c.com",
        "a@b.com.",
        "Bob <a@b.com>",
        " a@b.com",
        "a@b.com ",
        "a@[127.0.0.1]",
    ];
    for email in bad {
        assert_invalid(&create(&owner, ada(&json!({ "email": email }))).await, &["email"]);
    }
    let good = ["A@B.C", "a@1.com", "test+user-@coder.com", "\"a b\"@ex.com", "用户@例子.公司"];
    for (index, email) in good.into_iter().enumerate() {
        let body = json!({ "email": email, "username": format!("user{index}") });
        assert_eq!(create(&owner, ada(&body)).await.expect_status(201).text_at("/email"), email);
    }
}

#[tokio::test]
async fn an_email_address_may_exceed_the_length_of_a_partition_key() {
    let (app, owner) = TestApp::with_owner().await;
    let email = format!("{}@example.com", "a".repeat(3000));
    create(&owner, ada(&json!({ "email": email }))).await.expect_status(201);
    assert_eq!(app.login(&email, PASSWORD).await.status, 201);
    let again = json!({ "email": email.to_uppercase(), "username": "ada2" });
    assert_eq!(create(&owner, ada(&again)).await.status, 409);
}

#[tokio::test]
async fn a_name_has_at_most_128_bytes_and_no_surrounding_blanks() {
    let (_app, owner) = TestApp::with_owner().await;
    let (too_long, too_wide) = ("x".repeat(129), "ö".repeat(65));
    for name in [" x", "x ", "\u{2003}x", "   ", too_long.as_str(), too_wide.as_str()] {
        assert_invalid(&create(&owner, ada(&json!({ "name": name }))).await, &["name"]);
    }
    let longest = "ö".repeat(64);
    let created = create(&owner, ada(&json!({ "name": longest }))).await.expect_status(201);
    assert_eq!(created.text_at("/name"), longest);
}

#[tokio::test]
async fn a_password_that_violates_the_policy_is_refused_and_not_repeated() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    let too_long = "aB3$".repeat(16) + "x";
    for password in ["zyxwvut98765", "newpassword", too_long.as_str()] {
        let refused = create(&owner, ada(&json!({ "password": password }))).await;
        assert_invalid(&refused, &["password"]);
        assert!(!refused.text.contains(password), "{}", refused.text);
    }
    for missing in [Value::Null, json!("")] {
        assert_invalid(&create(&owner, ada(&json!({ "password": missing }))).await, &["password"]);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn an_unusable_login_type_is_refused() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    for login_type in ["oidc", "token", "magic", "None"] {
        create(&owner, without_password(&json!({ "login_type": login_type }))).await.expect_status(400);
    }
    for login_type in ["none", "github", "magic"] {
        let refused = create(&owner, ada(&json!({ "login_type": login_type }))).await.expect_status(400);
        assert_says_only_a_message(&refused);
    }
    assert_nothing_left(&app, &before).await;
}

/// The actor as a client of another process of the same deployment, with passwords disabled.
async fn without_passwords(app: &TestApp, actor: &Actor) -> Actor {
    let config = Config { disable_password_auth: true, ..(*app.app.config).clone() };
    let client = client::connect(Some(app.endpoint())).await;
    let random = Arc::new(Random::from_seed(2));
    let changed = App::new(config, client, app.clock.clone(), random).expect("the service starts");
    Actor::anonymous(Gateway::new(changed).expect("every route is declared once")).with_token(actor.token())
}

#[tokio::test]
async fn users_without_a_password_are_created_while_passwords_are_disabled() {
    let (app, owner) = TestApp::with_owner().await;
    let owner = without_passwords(&app, &owner).await;
    let no_organization = json!({ "organization_ids": null });
    let refused = create(&owner, ada(&no_organization)).await.expect_status(403);
    assert_exchange!("a_password_is_refused_while_passwords_are_disabled", refused);
    create(&owner, without_password(&json!({}))).await.expect_status(201);
    create(&owner, service_account("robot", &json!({}))).await.expect_status(201);
}
