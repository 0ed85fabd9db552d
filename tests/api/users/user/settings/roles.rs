//! Permissions to read and change settings (docs/api/roles-and-permissions.md#outcomes-by-caller).

use http::Method;
use roster_tests::cast::{UNKNOWN, assert_forbidden, assert_hidden, assert_invalid};
use roster_tests::{Actor, Answer, Cast, TestApp};
use serde_json::{Value, json};

use crate::users::user::{dark, default_preferences, shown};

/// Every request that reads or changes settings: method, last segments of the path, body.
fn requests() -> [(Method, String, Value); 5] {
    [
        (Method::GET, "appearance".to_owned(), Value::Null),
        (Method::PUT, "appearance".to_owned(), dark()),
        (Method::GET, "preferences".to_owned(), Value::Null),
        (Method::PUT, "preferences".to_owned(), json!({ "task_notification_alert_dismissed": true })),
        (Method::GET, format!("autofill-parameters?template_id={UNKNOWN}"), Value::Null),
    ]
}

async fn ask(actor: &Actor, user: &str, (method, what, body): (Method, String, Value)) -> Answer {
    actor.call(method, &format!("/users/{user}/{what}"), Some(body)).await
}

#[tokio::test]
async fn an_invalid_body_or_query_is_reported_to_readers_only() {
    let cast = Cast::assemble().await;
    let wrong = [
        (Method::PUT, "appearance".to_owned(), json!({ "terminal_font": "fira-code" }), "theme_preference"),
        (Method::PUT, "preferences".to_owned(), json!({ "thinking_display_mode": "never" }), "thinking_display_mode"),
        (Method::GET, "autofill-parameters".to_owned(), Value::Null, "template_id"),
    ];
    for (method, what, body, field) in wrong {
        let request = (method, what, body);
        assert_invalid(&ask(&cast.auditor, "owner", request.clone()).await, &[field]);
        assert_hidden(&cast.member, &ask(&cast.member, "owner", request).await).await;
    }
    let font = json!({ "theme_preference": "dark", "terminal_font": "comic-sans" });
    cast.auditor.put("/users/owner/appearance", font).await.expect_status(400);
}

#[tokio::test]
async fn reading_needs_the_read_scope_and_changing_needs_both_scopes() {
    let (_app, owner) = TestApp::with_owner().await;
    let reader = owner.create_token(json!({ "scopes": ["user:read", "user:read_personal"] })).await;
    let writer = owner.create_token(json!({ "scopes": ["user:read", "user:update_personal"] })).await;
    let scopes = ["user:read", "user:read_personal", "user:update_personal"];
    let both = owner.create_token(json!({ "scopes": scopes })).await;
    for request in requests() {
        let looks = request.0 == Method::GET;
        let seen = ask(&reader, "me", request.clone()).await;
        if looks {
            seen.expect_status(200);
        } else {
            assert_forbidden(&seen);
        }
        assert_forbidden(&ask(&writer, "me", request.clone()).await);
        ask(&both, "me", request).await.expect_status(200);
    }
}

#[tokio::test]
async fn the_settings_of_a_deleted_user_are_found_by_id() {
    let (_app, owner, id) = TestApp::with_user("ada").await;
    owner.put("/users/ada/appearance", dark()).await.expect_status(200);
    owner.delete("/users/ada").await.expect_status(200);
    assert_eq!(shown(&owner, &id, "appearance").await["theme_preference"], "dark");
    for request in requests() {
        ask(&owner, &id, request.clone()).await.expect_status(200);
        ask(&owner, "ada", request).await.expect_status(404);
    }
}

#[tokio::test]
async fn the_next_user_of_a_name_has_the_default_settings() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    for request in requests() {
        ask(&owner, "ada", request).await.expect_status(200);
    }
    owner.delete("/users/ada").await.expect_status(200);
    app.create_user(&owner, "ada").await;
    assert_eq!(shown(&owner, "ada", "preferences").await, default_preferences());
    assert_eq!(shown(&owner, "ada", "appearance").await["theme_preference"], "");
}
