//! Members longer than any item: they are accepted or refused, and never cause an internal error.

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::cast::with;
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};
use uuid::Uuid;

/// Longer than an item of the table, but within the limit of a body.
const LONG: usize = 500_000;

/// Every route that reads a body, with a valid body.
pub(super) fn writes() -> Vec<(Method, &'static str, Value)> {
    let optional = json!({ "name": "Ada", "login_type": "password", "user_status": "active", "roles": ["auditor"],
        "service_account": false, "generate_password": false, "organization_id": Uuid::nil() });
    let user = with(&TestApp::new_user("ada"), &optional);
    vec![
        (Method::POST, "/users", user),
        (Method::PUT, "/users/me/profile", json!({ "username": "owner", "name": "Ada", "avatar_url": "/a.png" })),
        (Method::PUT, "/users/ada/roles", json!({ "roles": ["auditor"] })),
        (Method::PUT, "/organizations/default/members/ada/roles", json!({ "roles": ["organization-auditor"] })),
        (
            Method::POST,
            "/users/first",
            json!({
                "email": "first@example.com", "username": "first", "name": "First", "password": PASSWORD,
                "trial": false, "trial_info": {}, "onboarding_info": {},
            }),
        ),
        (Method::PUT, "/users/ada/password", json!({ "old_password": "", "password": PASSWORD })),
        (
            Method::PUT,
            "/users/me/appearance",
            json!({
                "theme_preference": "dark", "terminal_font": "fira-code", "theme_mode": "sync", "theme_light": "light",
                "theme_dark": "dark",
            }),
        ),
        (
            Method::PUT,
            "/users/me/preferences",
            json!({
                "task_notification_alert_dismissed": true, "thinking_display_mode": "preview", "shell_tool_display_mode": "auto",
                "code_diff_display_mode": "auto", "agent_chat_send_shortcut": "enter",
            }),
        ),
        (
            Method::POST,
            "/users/me/keys/tokens",
            json!({ "token_name": "ci", "lifetime": 0, "scope": "all", "scopes": ["user:read"], "allow_list": ["user:*"] }),
        ),
        (Method::POST, "/users/login", json!({ "email": "owner@example.com", "password": "wrong" })),
        (Method::POST, "/users/validate-password", json!({ "password": PASSWORD })),
        (Method::POST, "/users/me/convert-login", json!({ "to_type": "oidc", "password": PASSWORD })),
        (Method::POST, "/users/otp/request", json!({ "email": "owner@example.com" })),
        (
            Method::POST,
            "/users/otp/change-password",
            json!({ "email": "owner@example.com", "one_time_passcode": "wrong", "password": PASSWORD }),
        ),
    ]
}

/// Long replacements of a value: the repeated text, and a list that repeats it.
fn long(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(list) => {
            let repeated = list.iter().map(|entry| json!(vec![entry; LONG / 40]));
            // A control character takes six characters when it is quoted.
            repeated.chain([json!(["x".repeat(LONG)]), json!(["\u{7f}".repeat(LONG)])]).collect()
        }
        Value::String(text) if text.is_empty() => vec![json!("x".repeat(LONG))],
        Value::String(text) => {
            vec![json!("x".repeat(LONG)), json!("\u{7f}".repeat(LONG)), json!(text.repeat(LONG / text.len()))]
        }
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn no_long_member_causes_an_internal_error() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    let mut sent = 0;
    for (method, path, body) in writes() {
        for (name, value) in body.as_object().into_iter().flatten() {
            for long in long(value) {
                let mut body = body.clone();
                body[name] = long;
                let answer = owner.call(method.clone(), path, Some(body)).await;
                let text: String = answer.text.chars().take(300).collect();
                assert!(answer.status.as_u16() < 500, "{method} {path} {name}: {} {text}", answer.status);
                // The answer quotes at most the beginning of the value.
                assert!(answer.text.len() < 2_000 || answer.status == 200, "{method} {path} {name}: {text}");
                sent += 1;
            }
        }
    }
    assert!(sent > 50, "{sent}");
    // The gateway limits queries and paths to far shorter texts.
    let long = "a".repeat(5_000);
    for path in [
        format!("/users?q=status:{long}"),
        format!("/users?q=role:{long}"),
        format!("/users?q={long}@example.com"),
        format!("/users?q=a@{long}.com"),
        format!("/users?q=:{long}"),
        format!("/users?after_id={long}"),
        format!("/users/{long}"),
        format!("/users/me/organizations/{long}"),
        format!("/users/me/keys/{long}"),
        format!("/users/me/keys/tokens/{long}"),
    ] {
        let answer = owner.get(&path).await;
        assert!(answer.status.as_u16() < 500 && answer.text.len() < 2_000, "{}", answer.text);
    }
    // Every user is still readable.
    for path in ["/users", "/users/me", "/users/me/appearance", "/users/me/preferences", "/users/me/keys/tokens"] {
        owner.get(path).await.expect_status(200);
    }
}

async fn refused(owner: &Actor, method: Method, path: &str, body: Value) -> Vec<String> {
    owner.call(method, path, Some(body)).await.expect_status(400).invalid_fields()
}

#[tokio::test]
async fn themes_and_lists_of_scopes_have_limits() {
    let (_app, owner) = TestApp::with_owner().await;
    let theme = |bytes: usize| json!({ "theme_preference": "x".repeat(bytes), "terminal_font": "fira-code" });
    owner.put("/users/me/appearance", theme(65_536)).await.expect_status(200);
    assert_eq!(refused(&owner, Method::PUT, "/users/me/appearance", theme(65_537)).await, ["theme_preference"]);
    let scopes = |number: usize| json!({ "scopes": vec!["user:read"; number] });
    owner.post("/users/me/keys/tokens", scopes(256)).await.expect_status(201);
    let refused = owner.post("/users/me/keys/tokens", scopes(257)).await.expect_status(400);
    assert!(refused.text_at("/detail").contains("256"), "{}", refused.text);
}
