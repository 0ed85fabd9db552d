//! Preferences of the interface (docs/api/settings.md#preferences).

use aws_sdk_dynamodb::types::AttributeValue;
use roster::auth::token::ShortId;
use roster_tests::cast::{assert_invalid, with};
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

use super::{default_preferences, shown};
use crate::cases::cases;

const PATH: &str = "/users/me/preferences";

/// Preferences that all differ from the defaults.
fn everything() -> Value {
    json!({
        "task_notification_alert_dismissed": true,
        "thinking_display_mode": "always_expanded",
        "shell_tool_display_mode": "auto",
        "code_diff_display_mode": "always_collapsed",
        "agent_chat_send_shortcut": "modifier_enter",
    })
}

/// The answer to a change, after a read that returns the same.
async fn set(actor: &Actor, body: Value) -> Value {
    let answer = actor.put(PATH, body).await.expect_status(200).json();
    assert_eq!(shown(actor, "me", "preferences").await, answer);
    answer
}

#[tokio::test]
async fn an_unknown_stored_value_counts_as_not_set() {
    let (app, owner) = TestApp::with_owner().await;
    set(&owner, everything()).await;
    let id = owner.get("/users/me").await.text_at("/id").parse().expect("the id is a UUID");
    let partition = format!("USER#{}", ShortId::of(id).as_str());
    for member in
        everything().as_object().into_iter().flatten().filter(|(_, value)| value.is_string()).map(|(name, _)| name)
    {
        app.change_item(&partition, "SETTINGS", member, AttributeValue::S("of_yore".to_owned())).await;
    }
    let mut expected = default_preferences();
    expected["task_notification_alert_dismissed"] = json!(true);
    assert_eq!(shown(&owner, "me", "preferences").await, expected);
}

#[tokio::test]
async fn an_empty_change_writes_nothing() {
    let (_app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    for expected in [default_preferences(), everything()] {
        set(&owner, expected.clone()).await;
        for body in [json!({}), Value::Null, json!({ "unknown": 1 }), expected.clone()] {
            let answer = owner.put(PATH, body).await.expect_status(200);
            assert_eq!((answer.json(), answer.cost().trips), (expected.clone(), 1));
        }
    }
}

#[tokio::test]
async fn each_member_changes_without_the_others() {
    let (_app, owner) = TestApp::with_owner().await;
    let mut expected = default_preferences();
    for (member, value) in everything().as_object().into_iter().flatten() {
        expected[member] = value.clone();
        assert_eq!(set(&owner, json!({ member: value })).await, expected, "{member}");
    }
    assert_eq!(expected, everything());
}

#[tokio::test]
async fn one_request_changes_all_members() {
    let (_app, owner) = TestApp::with_owner().await;
    assert_eq!(set(&owner, everything()).await, everything());
    let others = with(&everything(), &json!({ "agent_chat_send_shortcut": "enter" }));
    assert_eq!(set(&owner, others.clone()).await, others);
}

#[tokio::test]
async fn empty_texts_and_nulls_keep_stored_values() {
    let (_app, owner) = TestApp::with_owner().await;
    set(&owner, everything()).await;
    let nulls = json!({
        "task_notification_alert_dismissed": null, "thinking_display_mode": null, "shell_tool_display_mode": null,
        "code_diff_display_mode": null, "agent_chat_send_shortcut": null,
    });
    assert_eq!(set(&owner, nulls).await, everything());
    let empty = json!({
        "thinking_display_mode": "", "shell_tool_display_mode": "",
        "code_diff_display_mode": "", "agent_chat_send_shortcut": "",
    });
    assert_eq!(set(&owner, empty).await, everything());
}

#[tokio::test]
async fn false_is_stored_and_differs_from_absent() {
    let (_app, owner) = TestApp::with_owner().await;
    let dismissed = async |body: Value| set(&owner, body).await["task_notification_alert_dismissed"].clone();
    assert_eq!(dismissed(json!({ "task_notification_alert_dismissed": true })).await, true);
    assert_eq!(dismissed(json!({})).await, true);
    assert_eq!(dismissed(json!({ "task_notification_alert_dismissed": false })).await, false);
}

#[tokio::test]
async fn every_known_value_is_accepted() {
    let (_app, owner) = TestApp::with_owner().await;
    let display = ["auto", "always_expanded", "always_collapsed"];
    let members = [
        ("thinking_display_mode", [&display[..], &["preview"]].concat()),
        ("shell_tool_display_mode", display.to_vec()),
        ("code_diff_display_mode", display.to_vec()),
        ("agent_chat_send_shortcut", vec!["enter", "modifier_enter"]),
    ];
    for (member, values) in members {
        for value in values {
            assert_eq!(set(&owner, json!({ member: value })).await[member], value);
        }
    }
}

#[tokio::test]
async fn an_unknown_value_is_refused_with_the_member() {
    let (_app, owner) = TestApp::with_owner().await;
    for member in ["thinking_display_mode", "shell_tool_display_mode", "code_diff_display_mode"] {
        for value in ["never", "Auto", "enter", " "] {
            assert_invalid(&owner.put(PATH, json!({ member: value })).await, &[member]);
        }
    }
    for value in ["shift_enter", "Enter", "auto"] {
        let body = json!({ "agent_chat_send_shortcut": value });
        assert_invalid(&owner.put(PATH, body).await, &["agent_chat_send_shortcut"]);
    }
}

#[tokio::test]
async fn only_the_thinking_display_mode_accepts_preview() {
    let (_app, owner) = TestApp::with_owner().await;
    for member in ["shell_tool_display_mode", "code_diff_display_mode"] {
        assert_invalid(&owner.put(PATH, json!({ member: "preview" })).await, &[member]);
    }
}

#[tokio::test]
async fn the_first_of_several_unknown_values_is_named() {
    let (_app, owner) = TestApp::with_owner().await;
    let order =
        ["thinking_display_mode", "shell_tool_display_mode", "code_diff_display_mode", "agent_chat_send_shortcut"];
    for (index, first) in order.iter().enumerate() {
        let body: Value = order[index..].iter().map(|member| ((*member).to_owned(), json!("x"))).collect();
        assert_invalid(&owner.put(PATH, body).await, &[first]);
    }
}

#[tokio::test]
async fn a_refused_change_changes_nothing() {
    let (_app, owner) = TestApp::with_owner().await;
    let body = json!({ "task_notification_alert_dismissed": true, "thinking_display_mode": "never" });
    owner.put(PATH, body).await.expect_status(400);
    assert_eq!(shown(&owner, "me", "preferences").await, default_preferences());
}

#[tokio::test]
async fn preferences_survive_a_new_session_and_a_new_password() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    set(&ada, everything()).await;
    owner.put("/users/ada/password", json!({ "password": "AnotherSecurePassword!" })).await.expect_status(204);
    assert_eq!(shown(&owner, "ada", "preferences").await, everything());
}

#[tokio::test]
async fn reading_preferences_takes_one_trip_and_writing_two() {
    let (_app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    assert_eq!(owner.get(PATH).await.expect_status(200).cost().trips, 1);
    for body in [json!({}), json!({ "task_notification_alert_dismissed": true }), everything()] {
        let written = owner.put(PATH, body).await.expect_status(200);
        assert!(written.cost().trips <= 2, "{:?}", written.cost());
    }
    assert_eq!(owner.get(PATH).await.expect_status(200).cost().trips, 1);
}

cases! {
    a_member_reads_their_own_preferences: member GET "/users/me/preferences" => 200;
    an_auditor_may_not_read_preferences: auditor GET "/users/ada/preferences" => 403;
    preferences_of_an_unknown_user_are_not_found: owner GET "/users/nobody/preferences" => hidden;
    preferences_of_a_hidden_user_are_not_found: member GET "/users/ada/preferences" => hidden;
    preferences_without_a_token_are_refused: anonymous GET "/users/me/preferences" => 401;
    a_member_changes_no_preference: member PUT "/users/me/preferences" {} => 200;
    an_unknown_display_mode_is_refused:
        member PUT "/users/me/preferences" { "code_diff_display_mode": "preview" } => 400;
    a_preference_of_the_wrong_type_is_refused:
        member PUT "/users/me/preferences" { "task_notification_alert_dismissed": "yes" } => 400;
    an_auditor_may_not_change_preferences: auditor PUT "/users/ada/preferences" {} => 403;
    preferences_of_an_unknown_user_are_not_changed: owner PUT "/users/nobody/preferences" {} => hidden;
    preferences_of_a_hidden_user_are_not_changed: member PUT "/users/ada/preferences" {} => hidden;
    changing_preferences_without_a_token_is_refused: anonymous PUT "/users/me/preferences" {} => 401;
}
