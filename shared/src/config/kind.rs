//! The types of settings: how the text of a variable is read, what an error expects, and how the value is shown.

use std::num::NonZeroU32;
use std::time::Duration;

use super::SameSite;
use super::setting::{Secret, ValueType};
use crate::auth::git_ssh_key::KeyAlgorithm;

/// How the values of one type are read and shown.
pub(super) struct Kind<T> {
    pub(super) value_type: ValueType,
    pub(super) is_secret: bool,
    /// Completes the sentence "VARIABLE must be …".
    pub(super) expected: &'static str,
    /// `None` for a wrong value.
    pub(super) parse: fn(&str) -> Option<T>,
    /// As `GET /deployment/config` answers it; empty for no value and for a secret.
    pub(super) show: fn(&T) -> String,
}

impl<T> Kind<T> {
    const fn new(
        value_type: ValueType,
        expected: &'static str,
        parse: fn(&str) -> Option<T>,
        show: fn(&T) -> String,
    ) -> Self {
        Self { value_type, is_secret: false, expected, parse, show }
    }

    const fn secret(expected: &'static str, parse: fn(&str) -> Option<T>) -> Self {
        Self { value_type: ValueType::Text, is_secret: true, expected, parse, show: |_| String::new() }
    }
}

/// Any text, kept as it is.
pub(super) const TEXT: Kind<String> = Kind::new(ValueType::Text, "text", |value| Some(value.to_owned()), String::clone);

/// Text, or `None` when it is empty.
pub(super) const OPTIONAL_TEXT: Kind<Option<String>> = Kind::new(
    ValueType::Text,
    "text",
    |value| Some(Some(value.to_owned()).filter(|value| !value.is_empty())),
    |value| value.clone().unwrap_or_default(),
);

/// Where clients reach the service; loses its trailing slashes.
pub(super) const ORIGIN: Kind<String> = Kind::new(
    ValueType::Text,
    "an http or https URL without a path",
    |value| {
        let url = value.trim().trim_end_matches('/');
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
        (!host.is_empty() && !host.contains(['/', '?', '#', ' '])).then(|| url.to_owned())
    },
    String::clone,
);

/// The key of the vault, which checks its form.
pub(super) const ENCRYPTION_KEY: Kind<Secret> =
    Kind::secret("32 random bytes in base64", |value| Some(Secret::new(value)));

/// A secret, or `None` when it is empty.
pub(super) const OPTIONAL_SECRET: Kind<Option<Secret>> =
    Kind::secret("text", |value| Some((!value.is_empty()).then(|| Secret::new(value))));

/// `true` or `false`; `1`, `t`, `0`, `f` and any case are read too.
pub(super) const BOOL: Kind<bool> =
    Kind::new(ValueType::Choice(&["true", "false"]), "true or false", parse_bool, bool::to_string);

/// A bool, or `None` when it is empty.
pub(super) const OPTIONAL_BOOL: Kind<Option<bool>> = Kind::new(
    ValueType::Choice(&["", "true", "false"]),
    "true or false",
    |value| if value.is_empty() { Some(None) } else { parse_bool(value).map(Some) },
    |value| value.map(|value| value.to_string()).unwrap_or_default(),
);

/// A whole number of at least 0.
pub(super) const NUMBER: Kind<u32> =
    Kind::new(ValueType::Number, "a whole number", |value| value.trim().parse().ok(), u32::to_string);

/// A number of requests; `None`, shown as 0, for any number.
pub(super) const RATE_LIMIT: Kind<Option<NonZeroU32>> = Kind::new(
    ValueType::Number,
    "a whole number, 0 or less for no limit",
    |value| value.trim().parse::<i32>().ok().map(|limit| NonZeroU32::new(limit.max(0).unsigned_abs())),
    |limit| limit.map_or(0, NonZeroU32::get).to_string(),
);

/// A duration from one second to [`LONGEST_SECONDS`].
pub(super) const DURATION: Kind<Duration> =
    Kind::new(ValueType::Duration, EXPECTED_DURATION, parse_duration, |duration| show_duration(Some(*duration)));

/// A duration, or `None` when it is empty.
pub(super) const OPTIONAL_DURATION: Kind<Option<Duration>> = Kind::new(
    ValueType::Duration,
    EXPECTED_DURATION,
    |value| if value.is_empty() { Some(None) } else { parse_duration(value).map(Some) },
    |duration| show_duration(*duration),
);

/// How long rows are kept; `None`, written as `0`, to keep them forever.
pub(super) const RETENTION: Kind<Option<Duration>> = Kind::new(
    ValueType::Duration,
    "0 to keep rows forever, or a positive duration such as 720h",
    |value| if value.trim() == "0" { Some(None) } else { parse_duration(value).map(Some) },
    |duration| show_duration(*duration),
);

/// Whether the session cookie travels along with requests from other sites.
pub(super) const SAME_SITE: Kind<SameSite> = Kind::new(
    ValueType::Choice(&["lax", "none"]),
    "lax or none",
    |value| [SameSite::Lax, SameSite::None].into_iter().find(|found| show_same_site(*found) == value.trim()),
    |same_site| show_same_site(*same_site),
);

/// The algorithm of new git SSH keys.
pub(super) const KEY_ALGORITHM: Kind<KeyAlgorithm> = Kind::new(
    ValueType::Choice(&["ed25519", "ecdsa", "rsa4096"]),
    "ed25519, ecdsa or rsa4096",
    |value| KeyAlgorithm::parse(value.trim()),
    |algorithm| algorithm.as_str().to_owned(),
);

const EXPECTED_DURATION: &str = "a positive duration such as 24h, 30m or 90s, of at most 876600h (100 years)";

/// The longest duration that a setting may have, in seconds: `876600h`.
const LONGEST_SECONDS: u64 = 876_600 * 3600;

/// `1h30m`, `90s`, `24h`: whole numbers of hours, minutes and seconds, in that order; positive.
///
/// `humantime` also reads units in any order, a unit twice, and `1M` as 30.44 days. A mistyped duration must stop the
/// start of the process, so this function stays.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    let mut rest = text.trim();
    for (unit, length) in [('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((amount, after)) = rest.split_once(unit) {
            seconds = amount.parse::<u64>().ok()?.checked_mul(length)?.checked_add(seconds)?;
            rest = after;
        }
    }
    (rest.is_empty() && (1..=LONGEST_SECONDS).contains(&seconds)).then(|| Duration::from_secs(seconds))
}

fn show_duration(duration: Option<Duration>) -> String {
    duration.map(|duration| format!("{}s", duration.as_secs())).unwrap_or_default()
}

fn show_same_site(same_site: SameSite) -> String {
    same_site.as_str().to_ascii_lowercase()
}

fn parse_bool(value: &str) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "1" | "t" | "true" => Some(true),
        "0" | "f" | "false" => Some(false),
        _ => None,
    }
}
