//! Appearance and preferences on the wire (docs/api/settings.md#appearance, docs/api/settings.md#preferences).

use serde::{Deserialize, Serialize};

use super::fields::{Fields, InvalidFields};
use crate::domain::names::excerpt;
use crate::domain::settings::{
    Appearance, AppearanceChange, DISPLAY_MODES, PHASE_THEMES, PreferenceChange, Preferences, SEND_SHORTCUTS,
    TERMINAL_FONTS, THINKING_MODES, ThemeMode,
};

/// Themes and fonts. No member is ever left out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct UserAppearanceSettings {
    /// Empty when never set.
    pub theme_preference: String,
    /// `sync`, `single` or empty.
    pub theme_mode: &'static str,
    /// Empty when never set.
    pub theme_light: String,
    /// Empty when never set.
    pub theme_dark: String,
    /// Empty when never set.
    pub terminal_font: String,
}

impl From<Appearance> for UserAppearanceSettings {
    fn from(appearance: Appearance) -> Self {
        Self {
            theme_preference: appearance.theme_preference,
            theme_mode: appearance.theme_mode.map_or("", ThemeMode::as_str),
            theme_light: appearance.theme_light,
            theme_dark: appearance.theme_dark,
            terminal_font: appearance.terminal_font,
        }
    }
}

/// The request to replace themes and font.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct UpdateUserAppearanceSettingsRequest {
    theme_preference: String,
    theme_mode: String,
    theme_light: String,
    theme_dark: String,
    terminal_font: String,
}

/// Why an appearance is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidAppearance {
    /// A field is invalid.
    #[error(transparent)]
    Fields(#[from] InvalidFields),
    /// The font is unknown. Unlike other errors, this one names no field.
    #[error("the terminal font does not exist: choose one of {}", TERMINAL_FONTS.join(", "))]
    Font,
}

/// Checks that a text is one of `values`, or empty if `may_be_empty`.
fn one_of(text: &str, values: &[&str], may_be_empty: bool) -> Result<(), String> {
    match text {
        "" if may_be_empty => Ok(()),
        "" => Err("the rule required_if: must not be empty in the mode sync".to_owned()),
        text if values.contains(&text) => Ok(()),
        text => Err(format!("the rule oneof: {:?} is not one of {}", excerpt(text), values.join(", "))),
    }
}

impl TryFrom<UpdateUserAppearanceSettingsRequest> for AppearanceChange {
    type Error = InvalidAppearance;

    fn try_from(body: UpdateUserAppearanceSettingsRequest) -> Result<Self, InvalidAppearance> {
        let mut fields = Fields::default();
        let theme_preference = fields.required_bounded("theme_preference", body.theme_preference);
        let mode = fields.check("theme_mode", one_of(&body.theme_mode, &["sync", "single"], true));
        let may_be_empty = body.theme_mode != ThemeMode::Sync.as_str();
        let light = fields.check("theme_light", one_of(&body.theme_light, &PHASE_THEMES, may_be_empty));
        let dark = fields.check("theme_dark", one_of(&body.theme_dark, &PHASE_THEMES, may_be_empty));
        let terminal_font = fields.required("terminal_font", body.terminal_font);
        let (Some(theme_preference), Some(()), Some(()), Some(()), Some(terminal_font)) =
            (theme_preference, mode, light, dark, terminal_font)
        else {
            return Err(fields.into_error().into());
        };
        if !TERMINAL_FONTS.contains(&terminal_font.as_str()) {
            return Err(InvalidAppearance::Font);
        }
        Ok(Self {
            theme_preference,
            theme_mode: ThemeMode::parse(&body.theme_mode),
            theme_light: body.theme_light,
            theme_dark: body.theme_dark,
            terminal_font,
        })
    }
}

/// Preferences. No member is ever left out: an unset one has its default.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct UserPreferenceSettings {
    /// Whether the user has dismissed the hint about notifications.
    pub task_notification_alert_dismissed: bool,
    /// `auto` by default.
    pub thinking_display_mode: String,
    /// `always_collapsed` by default.
    pub shell_tool_display_mode: String,
    /// Empty by default.
    pub code_diff_display_mode: String,
    /// `enter` by default.
    pub agent_chat_send_shortcut: String,
}

impl From<Preferences> for UserPreferenceSettings {
    fn from(preferences: Preferences) -> Self {
        // A stored value that this version does not know counts as unset.
        let known = |value: String, values: &[&str], default: &str| {
            if values.contains(&value.as_str()) { value } else { default.to_owned() }
        };
        Self {
            task_notification_alert_dismissed: preferences.task_notification_alert_dismissed,
            thinking_display_mode: known(preferences.thinking_display_mode, &THINKING_MODES, "auto"),
            shell_tool_display_mode: known(preferences.shell_tool_display_mode, &DISPLAY_MODES, "always_collapsed"),
            code_diff_display_mode: known(preferences.code_diff_display_mode, &DISPLAY_MODES, ""),
            agent_chat_send_shortcut: known(preferences.agent_chat_send_shortcut, &SEND_SHORTCUTS, "enter"),
        }
    }
}

/// The request to change preferences. Members that are missing or empty stay unchanged.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct UpdateUserPreferenceSettingsRequest {
    task_notification_alert_dismissed: Option<bool>,
    thinking_display_mode: String,
    shell_tool_display_mode: String,
    code_diff_display_mode: String,
    agent_chat_send_shortcut: String,
}

impl TryFrom<UpdateUserPreferenceSettingsRequest> for PreferenceChange {
    type Error = InvalidFields;

    /// Unlike other bodies, the error names only the first wrong member (docs/api/settings.md#preferences).
    fn try_from(body: UpdateUserPreferenceSettingsRequest) -> Result<Self, InvalidFields> {
        for (field, value, values) in [
            ("thinking_display_mode", &body.thinking_display_mode, &THINKING_MODES[..]),
            ("shell_tool_display_mode", &body.shell_tool_display_mode, &DISPLAY_MODES),
            ("code_diff_display_mode", &body.code_diff_display_mode, &DISPLAY_MODES),
            ("agent_chat_send_shortcut", &body.agent_chat_send_shortcut, &SEND_SHORTCUTS),
        ] {
            let mut fields = Fields::default();
            if fields.check(field, one_of(value, values, true)).is_none() {
                return Err(fields.into_error());
            }
        }
        Ok(Self {
            task_notification_alert_dismissed: body.task_notification_alert_dismissed,
            thinking_display_mode: body.thinking_display_mode,
            shell_tool_display_mode: body.shell_tool_display_mode,
            code_diff_display_mode: body.code_diff_display_mode,
            agent_chat_send_shortcut: body.agent_chat_send_shortcut,
        })
    }
}
