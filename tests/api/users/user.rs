//! `/users/{user}` and everything below it.

mod appearance;
mod autofill_parameters;
mod convert_login;
mod delete;
mod gitsshkey;
mod keys;
mod login_type;
mod organizations;
mod password;
mod preferences;
mod profile;
mod read;
mod roles;
mod settings;
mod status;

use roster_tests::Actor;
use serde_json::{Value, json};

/// An appearance with only the required members.
fn dark() -> Value {
    json!({ "theme_preference": "dark", "terminal_font": "fira-code" })
}

/// The default preferences.
fn default_preferences() -> Value {
    json!({
        "task_notification_alert_dismissed": false,
        "thinking_display_mode": "auto",
        "shell_tool_display_mode": "always_collapsed",
        "code_diff_display_mode": "",
        "agent_chat_send_shortcut": "enter",
    })
}

/// The body of `GET /users/{user}/<what>`.
async fn shown(actor: &Actor, user: &str, what: &str) -> Value {
    actor.get(&format!("/users/{user}/{what}")).await.expect_status(200).json()
}
