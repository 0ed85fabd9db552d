//! `POST /users/{user}/convert-login` (docs/api/single-sign-on.md#conversion-of-a-login-type).

use roster::auth::conversion_ticket::ConversionTicket;
use roster::auth::vault::Vault;
use roster::clock::Clock;
use roster::config::Config;
use roster::domain::user::LoginType;
use roster_tests::app::PASSWORD;
use roster_tests::cast::{assert_invalid, assert_says_only_a_message, assert_signed_out};
use roster_tests::{Actor, Answer, TestApp};
use serde_json::json;

use crate::cases::{assert_exchange, cases};
use crate::users::robot_with_a_password;

const COOKIE: &str = "coder_oauth_convert_jwt";

async fn convert(actor: &Actor, user: &str, to_type: &str, password: &str) -> Answer {
    let body = json!({ "to_type": to_type, "password": password });
    actor.post(&format!("/users/{user}/convert-login"), body).await
}

/// The value of the cookie with the ticket.
fn ticket(answer: &Answer) -> String {
    let cookies = answer.set_cookies(COOKIE);
    let value = cookies.first().and_then(|cookie| cookie.split(['=', ';']).nth(1)).unwrap_or_default();
    value.to_owned()
}

/// The name, value and attributes of the cookie, sorted because their order has no meaning.
fn cookie_parts(answer: &Answer) -> Vec<String> {
    let cookies = answer.set_cookies(COOKIE);
    assert_eq!(cookies.len(), 1, "{:?}", answer.headers);
    let mut parts: Vec<String> = cookies[0].split("; ").map(str::to_owned).collect();
    parts.sort();
    parts
}

#[tokio::test]
async fn a_ticket_holds_all_that_its_redemption_checks() {
    let (app, owner) = TestApp::with_owner().await;
    let vault = Vault::new(app.app.config.encryption_key.reveal()).expect("the key is one");
    for to_type in [LoginType::Oidc, LoginType::Github] {
        let answer = convert(&owner, "me", to_type.as_str(), PASSWORD).await.expect_status(201);
        let opened = ConversionTicket::open(&ticket(&answer), &vault, app.clock.now()).expect("the ticket is ours");
        let shown = json!({
            "state_string": opened.state,
            "expires_at": opened.expires_at.to_string(),
            "to_type": to_type.as_str(),
            "user_id": owner.get("/users/me").await.text_at("/id"),
        });
        assert_eq!(answer.json(), shown);
        assert_eq!(opened.user_id.to_string(), answer.text_at("/user_id"));
        assert_eq!((opened.from, opened.to), (LoginType::Password, to_type));
        let deployment = app.anonymous().get("/buildinfo").await.text_at("/deployment_id");
        assert_eq!(opened.deployment_id.to_string(), deployment);
    }
}

#[tokio::test]
async fn only_the_cookie_holds_the_ticket_and_expires_with_it() {
    let (app, owner) = TestApp::with_owner().await;
    let before = app.clock.now().micros();
    let answer = convert(&owner, "me", "oidc", PASSWORD).await.expect_status(201);
    let state = answer.text_at("/state_string");
    let random = state.strip_prefix("convert-").unwrap_or_default();
    assert!(random.len() == 32 && random.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{state}");
    let left = answer.micros_at("/expires_at") - before;
    assert!((300_000_000..301_000_000).contains(&left), "{left}");
    let ticket = ticket(&answer);
    let value = format!("{COOKIE}={ticket}");
    let expected = ["Expires=Wed, 01 Jul 2026 00:05:00 GMT", "HttpOnly", "Path=/", "SameSite=Lax", &value];
    assert_eq!(cookie_parts(&answer), expected);
    assert!(!ticket.is_empty() && !answer.text.contains(&ticket));
    let again = convert(&owner, "me", "oidc", PASSWORD).await.expect_status(201);
    assert_ne!(again.text_at("/state_string"), state);
}

#[tokio::test]
async fn the_cookie_is_lax_and_secure_like_the_session_cookie() {
    let settings = [("ROSTER_ACCESS_URL", "https://roster.test"), ("ROSTER_SAMESITE_AUTH_COOKIE", "none")];
    let (_app, owner) = TestApp::with_settings(&settings).await;
    let parts = cookie_parts(&convert(&owner, "me", "oidc", PASSWORD).await.expect_status(201));
    assert_eq!(parts[1..5], ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"], "{parts:?}");
}

#[tokio::test]
async fn a_ticket_does_not_change_the_login_type() {
    let (app, owner, id) = TestApp::with_user("ada").await;
    let before = owner.get("/users/ada").await.expect_status(200).text;
    let mut keys = app.item_keys().await;
    let ticket = convert(&owner, "ada", "github", PASSWORD).await.expect_status(201);
    assert_eq!(ticket.text_at("/user_id"), id);
    assert_eq!(owner.get("/users/ada").await.text, before);
    // The password was an attempt.
    keys.push("EMAIL#ada@example.com / ATTEMPTS".to_owned());
    keys.sort();
    assert_eq!(app.item_keys().await, keys);
    let ada = app.sign_in("ada").await;
    assert_eq!(ada.get("/users/me/login-type").await.json(), json!({ "login_type": "password" }));
}

#[tokio::test]
async fn only_a_login_type_with_a_provider_is_accepted() {
    let (_app, owner) = TestApp::with_owner().await;
    for to_type in ["password", "none", "token", "magic", "OIDC", " oidc"] {
        let answer = convert(&owner, "me", to_type, PASSWORD).await.expect_status(400);
        assert_says_only_a_message(&answer);
        assert!(answer.set_cookies(COOKIE).is_empty(), "{to_type}");
        // The login type is checked before the password.
        assert_eq!(convert(&owner, "me", to_type, "wrong").await.text, answer.text, "{to_type}");
    }
}

#[tokio::test]
async fn both_members_are_required() {
    let (app, owner) = TestApp::with_owner().await;
    let path = "/users/me/convert-login";
    for (body, fields) in [
        (json!({}), vec!["to_type", "password"]),
        (json!({ "to_type": null, "password": "" }), vec!["to_type", "password"]),
        (json!({ "to_type": "oidc" }), vec!["password"]),
        (json!({ "password": PASSWORD }), vec!["to_type"]),
    ] {
        assert_invalid(&owner.post(path, body).await, &fields);
    }
    assert_signed_out(&app.anonymous().post(path, json!({})).await);
}

#[tokio::test]
async fn a_wrong_password_has_the_answer_and_the_cost_of_a_login() {
    let (app, owner) = TestApp::with_owner().await;
    owner.create_user_with("robot", json!({ "login_type": "none", "password": "" })).await;
    let mut machine = TestApp::new_user("machine");
    for (member, value) in [("service_account", json!(true)), ("email", json!("")), ("login_type", json!("none"))] {
        machine[member] = value;
    }
    machine["password"] = json!("");
    owner.post("/users", machine).await.expect_status(201);
    app.create_user(&owner, "ada").await;
    let login = app.login("owner@example.com", "wrong").await.expect_status(401);
    for (user, password) in [("me", "wrong"), ("ada", "wrong"), ("robot", PASSWORD), ("machine", PASSWORD)] {
        let before = app.app.hash_computations();
        let answer = convert(&owner, user, "oidc", password).await.expect_status(401);
        assert_eq!(answer.text, login.text, "{user}");
        assert!(answer.set_cookies(COOKIE).is_empty(), "{user}");
        assert_eq!((answer.cost().trips, app.app.hash_computations() - before), (2, 1), "{user}");
    }
}

#[tokio::test]
async fn a_suspended_user_gets_no_ticket_and_the_reason_needs_the_password() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    owner.put("/users/ada/status/suspend", json!(null)).await.expect_status(200);
    let refused = convert(&owner, "ada", "oidc", PASSWORD).await.expect_status(401);
    assert_eq!(refused.text, app.login("ada@example.com", PASSWORD).await.expect_status(401).text);
    let wrong = convert(&owner, "ada", "oidc", "wrong").await.expect_status(401);
    assert_ne!(wrong.text, refused.text);
}

#[tokio::test]
async fn a_user_with_the_login_type_none_is_refused_like_at_login() {
    let (app, owner) = TestApp::with_owner().await;
    robot_with_a_password(&app, &owner).await;
    let refused = convert(&owner, "robot", "oidc", PASSWORD).await.expect_status(403);
    assert_eq!(refused.text, app.login("robot@example.com", PASSWORD).await.expect_status(403).text);
    assert_exchange!("a_user_of_another_login_type_gets_no_ticket", refused);
}

#[tokio::test]
async fn no_login_is_converted_while_passwords_are_disabled() {
    let (app, owner) = TestApp::with_owner().await;
    let config = Config { disable_password_auth: true, ..(*app.app.config).clone() };
    let without = Actor::anonymous(app.process_with(config).await).with_token(owner.token());
    convert(&without, "me", "oidc", PASSWORD).await.expect_status(403);
    convert(&without, "me", "oidc", "wrong").await.expect_status(401);
}

#[tokio::test]
async fn a_deleted_user_gets_no_ticket_even_if_the_email_is_reused() {
    let (app, owner, id) = TestApp::with_user("ada").await;
    owner.delete("/users/ada").await.expect_status(200);
    convert(&owner, &id, "oidc", PASSWORD).await.expect_status(401);
    app.create_user(&owner, "ada").await;
    convert(&owner, &id, "oidc", PASSWORD).await.expect_status(401);
    convert(&owner, "ada", "oidc", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn a_conversion_takes_three_trips_and_one_hash() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    owner.get("/users/me").await.expect_status(200);
    for user in ["me", "ada"] {
        let before = app.app.hash_computations();
        let cost = convert(&owner, user, "oidc", PASSWORD).await.expect_status(201).cost();
        // The trips authenticate the caller, verify the password as a login does, and write the audit entry.
        assert_eq!((cost.trips, cost.calls, app.app.hash_computations() - before), (3, 5, 1), "{user}");
    }
}

#[tokio::test]
async fn wrong_passwords_count_towards_the_lockout() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    for _ in 0..5 {
        convert(&owner, "ada", "oidc", "wrong").await.expect_status(401);
        app.login("ada@example.com", "wrong").await.expect_status(401);
    }
    assert_eq!(app.login_failures("ada@example.com").await, 10);
    convert(&owner, "ada", "oidc", PASSWORD).await.expect_status(401);
    app.clock.advance(chrono::TimeDelta::minutes(15));
    convert(&owner, "ada", "oidc", PASSWORD).await.expect_status(201);
    assert_eq!(app.login_failures("ada@example.com").await, 0);
}

#[tokio::test]
async fn tickets_and_refusals_write_audit_entries() {
    let (app, owner, ada) = TestApp::with_user("ada").await;
    let id = owner.get("/users/me").await.text_at("/id");
    let before = app.audit_entries().await.len();
    convert(&owner, "ada", "oidc", "wrong").await.expect_status(401);
    convert(&owner, "ada", "oidc", PASSWORD).await.expect_status(201);
    let entries = app.audit_entries().await.split_off(before);
    let shown: Vec<_> = entries
        .iter()
        .map(|entry| (entry.action.as_str(), entry.resource_type.as_str(), entry.target.as_str(), entry.status))
        .collect();
    assert_eq!(shown, [("login", "api_key", "", 401), ("create", "convert_login", "oidc", 201)]);
    assert_eq!((&entries[0].user_id, &entries[1].user_id, &entries[1].resource_id), (&ada, &id, &ada));
}

cases! {
    a_member_gets_a_ticket:
        member POST "/users/me/convert-login" { "to_type": "oidc", "password": "SomeSecurePassword!" } => 201;
    missing_members_are_reported_together: member POST "/users/me/convert-login" {} => 400;
    a_login_type_without_a_provider_is_refused:
        member POST "/users/me/convert-login" { "to_type": "token", "password": "SomeSecurePassword!" } => 400;
    a_wrong_password_is_refused:
        member POST "/users/me/convert-login" { "to_type": "oidc", "password": "wrong" } => 401;
    a_suspended_user_is_refused:
        owner POST "/users/sleeper/convert-login" { "to_type": "oidc", "password": "SomeSecurePassword!" } => 401;
    a_hidden_user_is_not_converted:
        member POST "/users/ada/convert-login" { "to_type": "oidc", "password": "SomeSecurePassword!" } => hidden;
    a_wrong_password_of_a_hidden_user_is_not_reported:
        member POST "/users/ada/convert-login" { "to_type": "oidc", "password": "wrong" } => hidden;
    converting_without_a_token_is_refused:
        anonymous POST "/users/me/convert-login" { "to_type": "oidc", "password": "SomeSecurePassword!" } => 401;
}
