//! The settings of a user: appearance and preferences, and their valid values (docs/api/settings.md#appearance,
//! docs/api/settings.md#preferences).

use super::wire_names::wire_names;

/// The settings of a user. A value that was never set is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// Themes and fonts.
    pub appearance: Appearance,
    /// The behaviour of the interface.
    pub preferences: Preferences,
    /// Incremented by every write; 0 before the first one.
    pub version: u64,
}

/// Themes and fonts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Appearance {
    /// A theme, or a word that leaves the choice to the operating system.
    pub theme_preference: String,
    /// Whether light and dark mode have separate themes; `None` if it was never set.
    pub theme_mode: Option<ThemeMode>,
    /// The theme of the light mode.
    pub theme_light: String,
    /// The theme of the dark mode.
    pub theme_dark: String,
    /// The font of terminals.
    pub terminal_font: String,
}

wire_names! {
    /// Whether light and dark mode have separate themes.
    pub enum ThemeMode {
        /// Each mode of the operating system has its own theme.
        Sync = "sync",
        /// Both modes have the same theme.
        Single = "single",
    }
}

/// The themes of the light and the dark mode.
pub const PHASE_THEMES: [&str; 6] =
    ["light", "light-protan-deuter", "light-tritan", "dark", "dark-protan-deuter", "dark-tritan"];
/// The fonts of terminals.
pub const TERMINAL_FONTS: [&str; 5] = ["geist-mono", "ibm-plex-mono", "fira-code", "source-code-pro", "jetbrains-mono"];
/// The theme preferences with which old clients leave the choice to the operating system.
const SYSTEM_PREFERENCES: [&str; 3] = ["auto", "auto-protan-deuter", "auto-tritan"];

/// A change of the appearance with valid values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppearanceChange {
    /// Not empty.
    pub theme_preference: String,
    /// `None` keeps the mode and its themes.
    pub theme_mode: Option<ThemeMode>,
    /// May be empty.
    pub theme_light: String,
    /// May be empty.
    pub theme_dark: String,
    /// One of [`TERMINAL_FONTS`].
    pub terminal_font: String,
}

impl Appearance {
    /// The appearance after a change. Without a mode in the change, the mode and its themes stay. They are removed if
    /// an old client leaves the choice to the operating system.
    #[must_use]
    pub fn changed(&self, change: &AppearanceChange) -> Self {
        let mut changed = Self {
            theme_preference: change.theme_preference.clone(),
            terminal_font: change.terminal_font.clone(),
            ..self.clone()
        };
        match change.theme_mode {
            None if SYSTEM_PREFERENCES.contains(&change.theme_preference.as_str()) => changed.theme_mode = None,
            None => {}
            Some(mode) => {
                changed.theme_mode = Some(mode);
                for (slot, asked) in
                    [(&mut changed.theme_light, &change.theme_light), (&mut changed.theme_dark, &change.theme_dark)]
                {
                    // In mode `sync` neither theme is empty.
                    if !asked.is_empty() {
                        slot.clone_from(asked);
                    }
                }
            }
        }
        changed
    }
}

/// The behaviour of the interface. A text that was never set is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Preferences {
    /// Whether the user has dismissed the hint about notifications.
    pub task_notification_alert_dismissed: bool,
    /// One of [`THINKING_MODES`].
    pub thinking_display_mode: String,
    /// One of [`DISPLAY_MODES`].
    pub shell_tool_display_mode: String,
    /// One of [`DISPLAY_MODES`].
    pub code_diff_display_mode: String,
    /// One of [`SEND_SHORTCUTS`].
    pub agent_chat_send_shortcut: String,
}

/// The ways to show the thinking of an agent.
pub const THINKING_MODES: [&str; 4] = ["auto", "preview", "always_expanded", "always_collapsed"];
/// The ways to show other output of an agent.
pub const DISPLAY_MODES: [&str; 3] = ["auto", "always_expanded", "always_collapsed"];
/// The keys that can send a message.
pub const SEND_SHORTCUTS: [&str; 2] = ["enter", "modifier_enter"];

/// A change of preferences. A missing or empty value keeps the stored one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PreferenceChange {
    /// `None` keeps the value.
    pub task_notification_alert_dismissed: Option<bool>,
    /// Empty keeps the value.
    pub thinking_display_mode: String,
    /// Empty keeps the value.
    pub shell_tool_display_mode: String,
    /// Empty keeps the value.
    pub code_diff_display_mode: String,
    /// Empty keeps the value.
    pub agent_chat_send_shortcut: String,
}

impl Preferences {
    /// The preferences after a change.
    #[must_use]
    pub fn changed(&self, change: &PreferenceChange) -> Self {
        let or = |asked: &String, kept: &String| if asked.is_empty() { kept.clone() } else { asked.clone() };
        Self {
            task_notification_alert_dismissed: change
                .task_notification_alert_dismissed
                .unwrap_or(self.task_notification_alert_dismissed),
            thinking_display_mode: or(&change.thinking_display_mode, &self.thinking_display_mode),
            shell_tool_display_mode: or(&change.shell_tool_display_mode, &self.shell_tool_display_mode),
            code_diff_display_mode: or(&change.code_diff_display_mode, &self.code_diff_display_mode),
            agent_chat_send_shortcut: or(&change.agent_chat_send_shortcut, &self.agent_chat_send_shortcut),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Appearance, AppearanceChange, PreferenceChange, Preferences, ThemeMode};

    fn change(preference: &str, mode: Option<ThemeMode>, light: &str, dark: &str) -> AppearanceChange {
        AppearanceChange {
            theme_preference: preference.to_owned(),
            theme_mode: mode,
            theme_light: light.to_owned(),
            theme_dark: dark.to_owned(),
            terminal_font: "fira-code".to_owned(),
        }
    }

    fn synced() -> Appearance {
        Appearance::default().changed(&change("dark", Some(ThemeMode::Sync), "light", "dark-tritan"))
    }

    #[test]
    fn the_mode_single_keeps_the_themes_that_are_not_named() {
        let single = synced().changed(&change("light", Some(ThemeMode::Single), "", "dark"));
        assert_eq!((single.theme_light.as_str(), single.theme_dark.as_str()), ("light", "dark"));
        assert_eq!(single.theme_mode, Some(ThemeMode::Single));
    }

    #[test]
    fn without_a_mode_the_themes_stay_unless_the_system_chooses() {
        let kept = synced().changed(&change("dark", None, "dark", "dark"));
        assert_eq!((kept.theme_mode, kept.theme_dark.as_str()), (Some(ThemeMode::Sync), "dark-tritan"));
        let automatic = synced().changed(&change("auto-tritan", None, "", ""));
        assert_eq!((automatic.theme_mode, automatic.theme_dark.as_str()), (None, "dark-tritan"));
    }

    #[test]
    fn preferences_that_are_not_named_stay_and_false_replaces_true() {
        let dismissed = PreferenceChange {
            task_notification_alert_dismissed: Some(true),
            agent_chat_send_shortcut: "enter".to_owned(),
            ..PreferenceChange::default()
        };
        let first = Preferences::default().changed(&dismissed);
        assert_eq!(first.changed(&PreferenceChange::default()), first);
        let shown = PreferenceChange { task_notification_alert_dismissed: Some(false), ..PreferenceChange::default() };
        assert!(!first.changed(&shown).task_notification_alert_dismissed);
    }
}
