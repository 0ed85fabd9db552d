//! What a setting is, and the macro that declares one in one place: field, variable, type, default, meaning, and how the
//! template sets it. The documentation, the template and `GET /deployment/config` are derived from it.

use super::kind::Kind;

/// One setting, as the generated documentation and the template show it.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The environment variable.
    pub variable: &'static str,
    meaning: &'static str,
    /// Its value when the variable is unset or empty.
    pub default: DefaultValue,
    /// How a deployed function gets it.
    pub source: Source,
    /// What it accepts.
    pub value_type: ValueType,
    /// Whether it must never be printed.
    pub is_secret: bool,
}

impl Setting {
    /// Used by the macro `settings`: `meaning` is the doc comment of the field.
    pub(super) const fn new<T>(
        variable: &'static str,
        meaning: &'static str,
        kind: &Kind<T>,
        default: DefaultValue,
        source: Source,
    ) -> Self {
        Self { variable, meaning, default, source, value_type: kind.value_type, is_secret: kind.is_secret }
    }

    /// What it does, in one or two sentences; code is between backticks.
    pub fn meaning(&self) -> &'static str {
        self.meaning.trim()
    }
}

/// The value of a setting whose variable is unset or empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DefaultValue {
    /// None: the process does not start.
    Required,
    /// This text, read like a set value; empty for no value.
    Text(&'static str),
    /// It follows from other settings, as these words say.
    Derived(&'static str),
}

/// How a deployed function gets a setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// It does not: the setting is for local mode and tests, or its default suits every deployment.
    NotSet,
    /// From a parameter of this name with the setting's default.
    Parameter(&'static str),
    /// From a parameter of this name without a default, whose value matches this pattern.
    RequiredParameter(&'static str, &'static str),
    /// From this expression of CloudFormation.
    Expression(&'static str),
}

/// What a setting accepts, as far as a parameter of CloudFormation can check it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ValueType {
    /// Text, of a form that the process checks.
    Text,
    /// A whole number.
    Number,
    /// A duration such as `1h30m`.
    Duration,
    /// One of these.
    Choice(&'static [&'static str]),
}

/// Declares a struct of settings and its [`SettingsTable`]. A row is
/// `field: type = variable, kind, default, source;` below a doc comment, which is the meaning of the setting.
/// `with` adds fields that are read by a function `read` of their type.
macro_rules! settings {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $(
                $(#[doc = $meaning:literal])+
                $field:ident: $type:ty = $variable:literal, $kind:expr, $default:expr, $source:expr;
            )+
        }
        $(with {
            $( $(#[doc = $nested_meaning:literal])+ $nested:ident: $nested_type:ty, )+
        })?
    ) => {
        $(#[$attribute])*
        $visibility struct $name {
            $(
                $(#[doc = $meaning])+
                #[doc = concat!("\n\nFrom `", $variable, "`.")]
                pub $field: $type,
            )+
            $($( $(#[doc = $nested_meaning])+ pub $nested: $nested_type, )+)?
        }

        impl $crate::config::setting::SettingsTable for $name {
            const SETTINGS: &'static [$crate::config::setting::Setting] = &[$(
                $crate::config::setting::Setting::new($variable, concat!($($meaning),+), &$kind, $default, $source),
            )+];

            fn read(env: &$crate::config::setting::Reader<'_>) -> Result<Self, $crate::config::ConfigError> {
                Ok(Self {
                    $( $field: env.read($variable, &$kind, $default)?, )+
                    $($( $nested: <$nested_type>::read(env)?, )+)?
                })
            }

            fn values(&self) -> Vec<String> {
                vec![$( ($kind.show)(&self.$field), )+]
            }
        }
    };
}
pub(super) use settings;

/// A struct whose fields are settings.
pub(super) trait SettingsTable: Sized {
    /// Its settings in the order of their documentation.
    const SETTINGS: &'static [Setting];

    /// Reads every variable.
    fn read(env: &Reader<'_>) -> Result<Self, ConfigError>;

    /// The values in the order of [`Self::SETTINGS`], as [`Kind::show`] writes them.
    fn values(&self) -> Vec<String>;
}

/// A setting that is missing or wrong. The value is not repeated: it may be a secret.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{variable} {reason}")]
pub struct ConfigError {
    /// The environment variable.
    pub variable: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

impl ConfigError {
    pub(crate) fn new(variable: &'static str, reason: impl Into<String>) -> Self {
        Self { variable, reason: reason.into() }
    }
}

/// Looks up environment variables.
pub(super) struct Reader<'a>(pub(super) &'a dyn Fn(&str) -> Option<String>);

impl Reader<'_> {
    /// The value of a variable, or its default.
    pub(super) fn read<T>(
        &self,
        variable: &'static str,
        kind: &Kind<T>,
        default: DefaultValue,
    ) -> Result<T, ConfigError> {
        let value = match ((self.0)(variable).filter(|value| !value.is_empty()), default) {
            (Some(value), _) => value,
            (None, DefaultValue::Text(text)) => text.to_owned(),
            (None, DefaultValue::Derived(_)) => String::new(),
            (None, DefaultValue::Required) => {
                return Err(ConfigError::new(variable, format!("is not set: set it to {}", kind.expected)));
            }
        };
        (kind.parse)(&value).ok_or_else(|| ConfigError::new(variable, format!("must be {}", kind.expected)))
    }
}

/// A setting that must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(super) fn new(value: &str) -> Self {
        Self(value.to_owned())
    }

    /// The value itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}
