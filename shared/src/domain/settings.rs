//! What a user likes: appearance and preferences, and which values they may have (docs/api/settings.md#appearance,
//! docs/api/settings.md#preferences).

use super::wire_names::wire_names;

/// The settings of a user; a value that was never set is empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    /// Themes and fonts.
    pub appearance: Appearance,
    /// How the interface behaves.
    pub preferences: Preferences,
    /// Grows with every write; 0 when nothing was ever written.
    pub version: u64,
}

/// Themes and fonts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Appearance {
    /// The theme, or one of the words that let the system choose.
    pub theme_preference: String,
    /// Whether the system's light and dark phases have a theme each; missing when never chosen.
    pub theme_mode: Option<ThemeMode>,
    /// The theme of the light phase.
    pub theme_light: String,
    /// The theme of the dark phase.
    pub theme_dark: String,
    /// The font of terminals.
    pub terminal_font: String,
}

wire_names! {
    /// Whether the system's light and dark phases have a theme each.
    pub enum ThemeMode {
        /// They have.
        Sync = "sync",
        /// One theme for both.
        Single = "single",
    }
}

/// The themes that either phase may have.
pub const PHASE_THEMES: [&str; 6] =
    ["light", "light-protan-deuter", "light-tritan", "dark", "dark-protan-deuter", "dark-tritan"];
/// The fonts of terminals.
pub const TERMINAL_FONTS: [&str; 5] = ["geist-mono", "ibm-plex-mono", "fira-code", "source-code-pro", "jetbrains-mono"];
/// Preferences that leave the choice to the system, as old clients say it.
const AUTOMATIC: [&str; 3] = ["auto", "auto-protan-deuter", "auto-tritan"];

/// What a change of the appearance asks for; its values are valid.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppearanceChange {
    /// Not empty.
    pub theme_preference: String,
    /// Missing to keep mode and themes of the phases.
    pub theme_mode: Option<ThemeMode>,
    /// May be empty.
    pub theme_light: String,
    /// May be empty.
    pub theme_dark: String,
    /// One of [`TERMINAL_FONTS`].
    pub terminal_font: String,
}

impl Appearance {
    /// The appearance after a change. Without a mode, the one chosen earlier and its themes stay, unless an old client
    /// hands the choice back to the system.
    #[must_use]
    pub fn changed(&self, change: &AppearanceChange) -> Self {
        let mut changed = Self {
            theme_preference: change.theme_preference.clone(),
            terminal_font: change.terminal_font.clone(),
            ..self.clone()
        };
        match change.theme_mode {
            None if AUTOMATIC.contains(&change.theme_preference.as_str()) => changed.theme_mode = None,
            None => {}
            Some(mode) => {
                changed.theme_mode = Some(mode);
                for (slot, asked) in
                    [(&mut changed.theme_light, &change.theme_light), (&mut changed.theme_dark, &change.theme_dark)]
                {
                    // In the mode `sync` neither is empty.
                    if !asked.is_empty() {
                        slot.clone_from(asked);
                    }
                }
            }
        }
        changed
    }
}

/// How the interface behaves; the empty text is a choice never made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Preferences {
    /// The hint about notifications is not shown any more.
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

/// How thinking may be shown.
pub const THINKING_MODES: [&str; 4] = ["auto", "preview", "always_expanded", "always_collapsed"];
/// How other parts may be shown.
pub const DISPLAY_MODES: [&str; 3] = ["auto", "always_expanded", "always_collapsed"];
/// What may send a message.
pub const SEND_SHORTCUTS: [&str; 2] = ["enter", "modifier_enter"];

/// What a change of preferences asks for: what is missing or empty stays as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PreferenceChange {
    /// Missing to keep it.
    pub task_notification_alert_dismissed: Option<bool>,
    /// Empty to keep it.
    pub thinking_display_mode: String,
    /// Empty to keep it.
    pub shell_tool_display_mode: String,
    /// Empty to keep it.
    pub code_diff_display_mode: String,
    /// Empty to keep it.
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
    fn one_theme_for_both_phases_keeps_the_slots_that_are_not_named() {
        let single = synced().changed(&change("light", Some(ThemeMode::Single), "", "dark"));
        assert_eq!((single.theme_light.as_str(), single.theme_dark.as_str()), ("light", "dark"));
        assert_eq!(single.theme_mode, Some(ThemeMode::Single));
    }

    #[test]
    fn without_a_mode_the_slots_stay_and_an_automatic_preference_forgets_the_mode() {
        let kept = synced().changed(&change("dark", None, "dark", "dark"));
        assert_eq!((kept.theme_mode, kept.theme_dark.as_str()), (Some(ThemeMode::Sync), "dark-tritan"));
        let automatic = synced().changed(&change("auto-tritan", None, "", ""));
        assert_eq!((automatic.theme_mode, automatic.theme_dark.as_str()), (None, "dark-tritan"));
    }

    #[test]
    fn preferences_that_are_not_named_stay_and_false_is_a_value() {
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
