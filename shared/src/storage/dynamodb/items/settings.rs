//! Appearance and preferences.

use uuid::Uuid;

use super::{Attributes, Reader, Writer};
use crate::auth::token::ShortId;
use crate::domain::settings::{Appearance, Preferences, Settings, ThemeMode};
use crate::storage::dynamodb::keys::ItemKey;
use crate::storage::error::StorageError;

/// `USER#<short>` / `SETTINGS`: what is not set is left out.
pub(in crate::storage::dynamodb) fn settings_item(user_id: Uuid, settings: &Settings) -> Attributes {
    let Settings { appearance, preferences, version } = settings;
    let dismissed = preferences.task_notification_alert_dismissed;
    Writer::at(&ItemKey::settings(&ShortId::of(user_id)))
        .text("theme_preference", &appearance.theme_preference)
        .text("theme_mode", appearance.theme_mode.map_or("", ThemeMode::as_str))
        .text("theme_light", &appearance.theme_light)
        .text("theme_dark", &appearance.theme_dark)
        .text("terminal_font", &appearance.terminal_font)
        .flag("task_notification_alert_dismissed", dismissed)
        .text("thinking_display_mode", &preferences.thinking_display_mode)
        .text("shell_tool_display_mode", &preferences.shell_tool_display_mode)
        .text("code_diff_display_mode", &preferences.code_diff_display_mode)
        .text("agent_chat_send_shortcut", &preferences.agent_chat_send_shortcut)
        .number("version", *version)
        .0
}

/// Settings. An attribute that the item lacks was never set.
pub(in crate::storage::dynamodb) fn read_settings(item: &Attributes) -> Result<Settings, StorageError> {
    let item = Reader(item);
    let text = |name| Ok::<_, StorageError>(item.text(name)?.to_owned());
    Ok(Settings {
        appearance: Appearance {
            theme_preference: text("theme_preference")?,
            theme_mode: ThemeMode::parse(item.text("theme_mode")?),
            theme_light: text("theme_light")?,
            theme_dark: text("theme_dark")?,
            terminal_font: text("terminal_font")?,
        },
        preferences: Preferences {
            task_notification_alert_dismissed: item.flag("task_notification_alert_dismissed")?,
            thinking_display_mode: text("thinking_display_mode")?,
            shell_tool_display_mode: text("shell_tool_display_mode")?,
            code_diff_display_mode: text("code_diff_display_mode")?,
            agent_chat_send_shortcut: text("agent_chat_send_shortcut")?,
        },
        version: item.number("version")?,
    })
}
