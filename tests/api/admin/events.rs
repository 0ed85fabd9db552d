//! Events that are not valid commands.

use roster_tests::TestApp;
use serde_json::{Value, json};

use super::refusal;

const SECRET: &str = "Tr0ub4dor_and_3_Horses";

#[tokio::test]
async fn the_error_names_the_invalid_members_of_an_event() {
    let (app, _owner) = TestApp::with_owner().await;
    for (event, expected) in [
        (Value::Null, "must be a JSON object"),
        (json!([]), "must be a JSON object"),
        (json!({}), "`action` must be"),
        (json!({ "action": "Reset-Password", "username": "owner" }), "`action` must be"),
        (json!({ "action": "reset-password" }), "one of `username`, `email` and `id`"),
        (json!({ "action": "reset-password", "username": "a", "id": null, "email": "a@b.c" }), "one of `username`"),
        (json!({ "action": "reset-password", "username": "" }), "`username` must be a text"),
        (json!({ "action": "reset-password", "email": "owner" }), "`email` is not well-formed"),
        (json!({ "action": "reset-password", "id": "owner" }), "`id` is not well-formed"),
        (json!({ "action": "reset-password", "username": "owner", "password": "" }), "`password` must be a text"),
        (json!({ "action": "create-owner", "username": "ops" }), "`email` is missing"),
        (json!({ "action": "create-owner", "username": "-ops", "email": "a@b.c" }), "`username` is not well-formed"),
        (json!({ "action": "create-owner", "username": "ops", "email": "ops" }), "`email` is not well-formed"),
        (json!({ "action": "unlock", "email": "a@b.c", "password": SECRET }), "1 members that `unlock` does not have"),
    ] {
        let text = refusal(&app, event.clone()).await;
        assert!(text.contains(expected), "{event}: {text}");
    }
}

#[tokio::test]
async fn the_error_does_not_repeat_a_misplaced_secret() {
    let (app, _owner) = TestApp::with_owner().await;
    for event in [
        json!(SECRET),
        json!({ "action": SECRET }),
        json!({ "action": "reset-password", "username": SECRET }),
        json!({ "action": "reset-password", "email": SECRET }),
        json!({ "action": "reset-password", "id": SECRET }),
        json!({ "action": "reset-password", "username": "owner", "passwort": SECRET }),
        json!({ "action": "reset-password", "username": "owner", SECRET: 1 }),
        json!({ "action": "reset-password", "username": "owner", "password": [SECRET] }),
        json!({ "action": "create-owner", "username": SECRET, "email": "a@example.com" }),
        json!({ "action": "create-owner", "username": "ops", "email": "ops", "password": SECRET }),
        json!({ "action": "create-owner", "username": "owner", "email": "a@example.com", "password": SECRET }),
        json!({ "action": "unlock", "email": SECRET }),
    ] {
        let text = refusal(&app, event).await;
        assert!(!text.contains(SECRET), "{text}");
    }
}
