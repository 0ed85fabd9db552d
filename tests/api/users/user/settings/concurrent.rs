//! Concurrent changes: each keeps the members that the others changed.

use roster_tests::{Fault, TestApp};
use serde_json::{Value, json};

use crate::users::user::{dark, default_preferences, shown};

const PATH: &str = "/users/me/preferences";

/// Two changes of different members.
fn changes() -> [Value; 2] {
    [json!({ "task_notification_alert_dismissed": true }), json!({ "thinking_display_mode": "preview" })]
}

fn both() -> Value {
    let mut both = default_preferences();
    both["task_notification_alert_dismissed"] = json!(true);
    both["thinking_display_mode"] = json!("preview");
    both
}

#[tokio::test]
async fn concurrent_first_changes_of_different_preferences_both_apply() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    let [one, other] = changes();
    // The first request has read that nothing is stored and is about to write when the second arrives.
    app.faults.script([Fault::None, Fault::Hold]);
    let (first, second) = app.faults.interleave(owner.put(PATH, one), owner.put(PATH, other)).await;
    second.expect_status(200);
    assert_eq!(first.expect_status(200).json(), both(), "the later answer shows both changes");
    assert_eq!(shown(&owner, "me", "preferences").await, both());
}

#[tokio::test]
async fn a_setting_does_not_change_the_user() {
    let (_app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    let before = owner.get("/users/me").await.expect_status(200).text;
    owner.put("/users/me/appearance", dark()).await.expect_status(200);
    owner.put(PATH, both()).await.expect_status(200);
    owner.put("/users/me/gitsshkey", json!({})).await.expect_status(200);
    assert_eq!(owner.get("/users/me").await.expect_status(200).text, before);
}

#[tokio::test]
async fn concurrent_later_changes_of_different_preferences_both_apply() {
    let (app, owner) = TestApp::with_owner().await;
    owner.put(PATH, json!({ "agent_chat_send_shortcut": "modifier_enter" })).await.expect_status(200);
    let [one, other] = changes();
    app.faults.script([Fault::None, Fault::Hold]);
    let (first, second) = app.faults.interleave(owner.put(PATH, one), owner.put(PATH, other)).await;
    let mut expected = both();
    expected["agent_chat_send_shortcut"] = json!("modifier_enter");
    second.expect_status(200);
    assert_eq!(first.expect_status(200).json(), expected);
    assert_eq!(shown(&owner, "me", "preferences").await, expected);
}

#[tokio::test]
async fn concurrent_changes_of_appearance_and_preferences_both_apply() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    let [preferences, _] = changes();
    app.faults.script([Fault::None, Fault::Hold]);
    let appearance = owner.put("/users/me/appearance", dark());
    let (first, second) = app.faults.interleave(appearance, owner.put(PATH, preferences)).await;
    first.expect_status(200);
    second.expect_status(200);
    assert_eq!(shown(&owner, "me", "appearance").await["theme_preference"], "dark");
    assert_eq!(shown(&owner, "me", "preferences").await["task_notification_alert_dismissed"], true);
}

#[tokio::test]
async fn concurrent_changes_of_all_members_all_apply() {
    let (_app, owner) = TestApp::with_owner().await;
    let (dismissed, thinking, shell, diff) = tokio::join!(
        owner.put(PATH, json!({ "task_notification_alert_dismissed": true })),
        owner.put(PATH, json!({ "thinking_display_mode": "preview" })),
        owner.put(PATH, json!({ "shell_tool_display_mode": "auto" })),
        owner.put(PATH, json!({ "code_diff_display_mode": "always_expanded" })),
    );
    for answer in [dismissed, thinking, shell, diff] {
        answer.expect_status(200);
    }
    let mut expected = both();
    expected["shell_tool_display_mode"] = json!("auto");
    expected["code_diff_display_mode"] = json!("always_expanded");
    assert_eq!(shown(&owner, "me", "preferences").await, expected);
}

#[tokio::test]
async fn a_user_suspended_before_the_write_changes_nothing() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    for actor in [&owner, &ada] {
        actor.get("/users/me").await.expect_status(200);
    }
    let [change, _] = changes();
    app.faults.script([Fault::None, Fault::Hold]);
    let suspend = owner.put("/users/ada/status/suspend", Value::Null);
    let (changed, suspended) = app.faults.interleave(ada.put(PATH, change), suspend).await;
    suspended.expect_status(200);
    changed.expect_status(409);
    assert_eq!(shown(&owner, "ada", "preferences").await, default_preferences());
}
