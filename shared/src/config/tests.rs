//! Reading the settings of the service.

use std::num::NonZeroU32;
use std::time::Duration;

use super::kind::parse_duration;
use super::setting::{DefaultValue, SettingsTable};
use super::{Config, ConfigError};
use crate::auth::git_ssh_key::KeyAlgorithm;
use crate::auth::password::Params;

fn with(variable: &'static str, value: &'static str) -> Result<Config, ConfigError> {
    Config::from_lookup(&|name| match name {
        _ if name == variable => Some(value.to_owned()),
        "ROSTER_ENCRYPTION_KEY" => Some("a-secret".to_owned()),
        _ => None,
    })
}

#[test]
fn a_wrong_value_names_its_variable_and_does_not_repeat_it() {
    for (variable, value) in [
        ("ROSTER_SESSION_DURATION", "tomorrow"),
        ("ROSTER_SESSION_DURATION", "0s"),
        ("ROSTER_ACCESS_URL", "ftp://here"),
        ("ROSTER_DISABLE_PASSWORD_AUTH", "perhaps"),
        ("ROSTER_SAMESITE_AUTH_COOKIE", "strict"),
        ("ROSTER_SSH_KEYGEN_ALGORITHM", "rsa"),
        ("ROSTER_ARGON2_MEMORY_KIB", "1"),
        ("ROSTER_SESSION_ABSOLUTE_LIMIT", "0s"),
        ("ROSTER_API_RATE_LIMIT", "many"),
        ("ROSTER_DANGEROUS_DISABLE_RATE_LIMITS", "2"),
        ("ROSTER_LOCKOUT_THRESHOLD", "-1"),
        ("ROSTER_LOCKOUT_LONGEST", "long"),
        ("ROSTER_ONE_TIME_PASSCODE_LIFETIME", "0"),
        ("ROSTER_AUDIT_LOGS_RETENTION", "forever"),
    ] {
        let error = with(variable, value).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.starts_with(variable), "{variable}={value}: {error}");
        assert!(!error.contains(&format!(" {value} ")), "{error}");
    }
}

#[test]
fn a_missing_encryption_key_is_an_error_and_a_given_one_is_never_printed() {
    let missing = Config::from_lookup(&|_| None).err().map(|error| error.variable);
    assert_eq!(missing, Some("ROSTER_ENCRYPTION_KEY"));
    assert!(with("", "").is_ok_and(|config| !format!("{config:?}").contains("a-secret")));
}

#[test]
fn the_access_url_loses_its_trailing_slash_and_decides_on_secure_cookies() {
    let https = with("ROSTER_ACCESS_URL", "https://roster.example/");
    assert!(https.is_ok_and(|config| config.secure_auth_cookie && config.access_url == "https://roster.example"));
    assert!(with("", "").is_ok_and(|config| !config.secure_auth_cookie));
}

#[test]
fn ssh_keys_are_ed25519_unless_another_algorithm_is_named() {
    for (value, algorithm) in [
        ("", KeyAlgorithm::Ed25519),
        ("ed25519", KeyAlgorithm::Ed25519),
        ("ecdsa", KeyAlgorithm::Ecdsa),
        ("rsa4096", KeyAlgorithm::Rsa4096),
    ] {
        let config = with("ROSTER_SSH_KEYGEN_ALGORITHM", value);
        assert_eq!(config.map(|config| config.ssh_keygen_algorithm), Ok(algorithm), "{value}");
    }
}

#[test]
fn rate_limits_are_on_unless_they_are_taken_away() {
    let limits = |variable, value| {
        let config = with(variable, value);
        let number = |limit: Option<NonZeroU32>| limit.map_or(0, NonZeroU32::get);
        config.ok().map(|config| (number(config.api_rate_limit), number(config.login_rate_limit())))
    };
    assert_eq!(limits("", ""), Some((512, 60)));
    assert_eq!(limits("ROSTER_API_RATE_LIMIT", "1000"), Some((1000, 60)));
    assert_eq!(limits("ROSTER_API_RATE_LIMIT", "0"), Some((0, 60)));
    assert_eq!(limits("ROSTER_API_RATE_LIMIT", "-1"), Some((0, 60)));
    assert_eq!(limits("ROSTER_DANGEROUS_DISABLE_RATE_LIMITS", "true"), Some((0, 0)));
}

#[test]
fn durations_are_hours_minutes_and_seconds() {
    assert_eq!(parse_duration("1h30m"), Some(Duration::from_mins(90)));
    assert_eq!(parse_duration("90s"), Some(Duration::from_secs(90)));
    assert_eq!(parse_duration("876600h").map(|long| long.as_secs()), Some(3_155_760_000));
    for wrong in ["", "24", "h", "-1h", "1s1h", "876601h", "99999999999999999999h", "1.5h"] {
        assert_eq!(parse_duration(wrong), None, "{wrong}");
    }
}

#[test]
fn every_default_is_read_like_a_set_value() {
    let defaults = with("", "").expect("the defaults are right");
    for setting in Config::SETTINGS {
        if let DefaultValue::Text(text) = setting.default {
            let set = with(setting.variable, text).expect("the default is right");
            assert_eq!(SettingsTable::values(&set), SettingsTable::values(&defaults), "{}", setting.variable);
        }
    }
    assert_eq!(defaults.argon2(), Params::default());
}

#[test]
fn the_value_of_a_secret_is_not_shown() {
    let config = with("", "").expect("the defaults are right");
    let secrets: Vec<_> = config.values().filter(|(setting, _)| setting.is_secret).collect();
    assert!(secrets.iter().any(|(setting, value)| setting.variable == "ROSTER_ENCRYPTION_KEY" && value.is_empty()));
    assert!(config.values().all(|(_, value)| !value.contains("a-secret")));
}
