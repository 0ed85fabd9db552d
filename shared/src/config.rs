//! Every setting: read once, typed, validated, each with the environment variable it comes from. The only home of
//! `env::var`.

mod mail;
#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::time::Duration;

pub use lettre::message::Mailbox;

pub use self::mail::{Delivery, Encryption, Identity, Login, MailConfig, Smarthost, Tls, Trust};

use crate::auth::git_ssh_key::KeyAlgorithm;
use crate::auth::lockout::LockoutPolicy;
use crate::auth::password::Params;

/// How the browser may send the session cookie along with requests from other sites.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SameSite {
    /// Only with top-level navigation.
    Lax,
    /// Always; needs `Secure`.
    None,
}

impl SameSite {
    /// The attribute's value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }
}

/// The service's settings. Names follow the reference's variables with `ROSTER_` in place of `CODER_`.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own, named after its variable")]
pub struct Config {
    /// `ROSTER_TABLE`: the DynamoDB table. Default `Roster`.
    pub table: String,
    /// `ROSTER_DYNAMODB_ENDPOINT`: another endpoint than the region's own, for local mode.
    pub dynamodb_endpoint: Option<String>,
    /// `ROSTER_ACCESS_URL`: where clients reach the service, without a trailing slash. Default `http://127.0.0.1:3000`.
    pub access_url: String,
    /// `ROSTER_ENCRYPTION_KEY`: 32 bytes in base64 that seal secrets at rest; other keys and the deployment's id follow
    /// from them. Required.
    pub encryption_key: Secret,
    /// `ROSTER_SESSION_DURATION`: life of a login session. Default 24h.
    pub session_duration: Duration,
    /// `ROSTER_DEFAULT_TOKEN_LIFETIME`: life of tokens that name none, and of `POST /users/{user}/keys`. Default 168h.
    pub default_token_lifetime: Duration,
    /// `ROSTER_MAX_TOKEN_LIFETIME`: the most a token of a user without the role owner may ask for. Default 876600h.
    pub max_token_lifetime: Duration,
    /// `ROSTER_MAX_ADMIN_TOKEN_LIFETIME`: the same for owners; replaces the other bound. Default 168h.
    pub max_admin_token_lifetime: Duration,
    /// `ROSTER_DISABLE_SESSION_EXPIRY_REFRESH`: sessions end when their first lifetime does. Default false.
    pub disable_session_expiry_refresh: bool,
    /// `ROSTER_SESSION_ABSOLUTE_LIMIT`: use never moves the end of a session past this age. Default none: a session in
    /// use lives on.
    pub session_absolute_limit: Option<Duration>,
    /// `ROSTER_API_RATE_LIMIT`: how many requests a minute one user, or one address without a user, may make to one path;
    /// `None` for any number. Default 512; 0 or less is none.
    pub api_rate_limit: Option<NonZeroU32>,
    /// The same for signing in and passwords: 60.
    ///
    /// `ROSTER_DANGEROUS_DISABLE_RATE_LIMITS` takes both limits away.
    pub login_rate_limit: Option<NonZeroU32>,
    /// `ROSTER_DISABLE_PASSWORD_AUTH`: nobody signs in with a password, owners included. Default false.
    pub disable_password_auth: bool,
    /// `ROSTER_SECURE_AUTH_COOKIE`: default true when the access URL is https.
    pub secure_auth_cookie: bool,
    /// `ROSTER_SAMESITE_AUTH_COOKIE`: `lax` (default) or `none`.
    pub samesite_auth_cookie: SameSite,
    /// `ROSTER_HOST_PREFIX_COOKIE`: the session cookie is named `__Host-coder_session_token`. Default false.
    pub host_prefix_cookie: bool,
    /// `ROSTER_TERMS_OF_SERVICE_URL`: shown to who signs in. Default none.
    pub terms_of_service_url: String,
    /// `ROSTER_LOCKOUT_THRESHOLD`: wrong passwords in a row that an account takes before it refuses every password for a
    /// while; 0 for no end. Default 10. `ROSTER_LOCKOUT_LONGEST`: the while grows up to this. Default 15m.
    pub lockout: LockoutPolicy,
    /// `ROSTER_ONE_TIME_PASSCODE_LIFETIME`: how long the link of a forgot-password mail is good. Default 10m.
    pub passcode_lifetime: Duration,
    /// `ROSTER_AUDIT_LOGS_RETENTION`: how long rows of the audit log are kept. Default 0: forever.
    pub audit_logs_retention: Option<Duration>,
    /// `ROSTER_DORMANCY_THRESHOLD`: active users unseen for longer become dormant. Default 2160h (90 days).
    pub dormancy_threshold: Duration,
    /// `ROSTER_SSH_KEYGEN_ALGORITHM`: of git SSH keys made from now on: `ed25519` (default), `ecdsa` or `rsa4096`.
    pub ssh_keygen_algorithm: KeyAlgorithm,
    /// `ROSTER_ARGON2_MEMORY_KIB`, `ROSTER_ARGON2_ITERATIONS`, `ROSTER_ARGON2_PARALLELISM`: cost of a password hash.
    /// Defaults 19456, 2, 1. Stored in each hash, so a change takes effect as users sign in.
    pub argon2: Params,
    /// `ROSTER_DIRECTORY_LOADING_TIME`: how long one request may load the directory of all users before it answers 503
    /// and leaves the rest to the next one. Default 12s: less than a function's life.
    pub directory_loading_time: Duration,
    /// `ROSTER_EMAIL_…`, `ROSTER_NOTIFICATIONS_…`: how mail goes out.
    pub mail: MailConfig,
    /// `ROSTER_LOG`: which log lines are written, as a `tracing` directive. Default `info`.
    pub log: String,
    /// `ROSTER_LOCAL`: every answer says in `Server-Timing` what it cost. Local mode sets it. Default false.
    pub local: bool,
}

/// A setting that must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A setting that is missing or wrong, by its variable. Never shows the value: it may be a secret.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{variable} {reason}")]
pub struct ConfigError {
    /// The environment variable.
    pub variable: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads one variable after the other and keeps their names for errors.
struct Reader<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Reader<'_> {
    fn text(&self, variable: &'static str) -> Option<String> {
        (self.0)(variable).filter(|value| !value.is_empty())
    }

    fn parsed<T>(
        &self,
        variable: &'static str,
        default: T,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        match self.text(variable) {
            None => Ok(default),
            Some(value) => {
                parse(value.trim()).ok_or_else(|| ConfigError { variable, reason: format!("must be {expected}") })
            }
        }
    }

    fn bool(&self, variable: &'static str, default: bool) -> Result<bool, ConfigError> {
        self.parsed(variable, default, "true or false", |value| match value.to_ascii_lowercase().as_str() {
            "1" | "t" | "true" => Some(true),
            "0" | "f" | "false" => Some(false),
            _ => None,
        })
    }

    fn duration(&self, variable: &'static str, default: Duration) -> Result<Duration, ConfigError> {
        self.parsed(
            variable,
            default,
            "a positive duration such as 24h, 30m or 90s, of at most 100 years",
            parse_duration,
        )
    }

    /// A duration that may be missing.
    fn optional_duration(&self, variable: &'static str) -> Result<Option<Duration>, ConfigError> {
        self.text(variable).map(|_| self.duration(variable, Duration::MAX)).transpose()
    }

    fn number(&self, variable: &'static str, default: u32) -> Result<u32, ConfigError> {
        self.parsed(variable, default, "a whole number", |value| value.parse().ok())
    }
}

/// How many requests a minute the routes of the login group take (docs/api/authentication.md#rate-limits).
const LOGIN_RATE_LIMIT: u32 = 60;

/// The longest duration a setting may have, in seconds: `876600h`.
const LONGEST_SECONDS: u64 = 876_600 * 3600;

/// `1h30m`, `90s`, `24h`: whole numbers of hours, minutes and seconds, in that order; positive.
fn parse_duration(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    let mut rest = text;
    for (unit, length) in [('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((amount, after)) = rest.split_once(unit) {
            seconds = amount.parse::<u64>().ok()?.checked_mul(length)?.checked_add(seconds)?;
            rest = after;
        }
    }
    (rest.is_empty() && (1..=LONGEST_SECONDS).contains(&seconds)).then(|| Duration::from_secs(seconds))
}

impl Config {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_env_with(&|_| None)
    }

    /// Reads the process's environment except for variables that `overrides` knows: local mode lays its flags over it.
    #[expect(clippy::disallowed_methods, reason = "the one home of the environment")]
    pub fn from_env_with(overrides: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        Self::from_lookup(&|name| overrides(name).or_else(|| std::env::var(name).ok()))
    }

    /// Reads variables from anywhere.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let env = Reader(lookup);
        let access_url = env.parsed(
            "ROSTER_ACCESS_URL",
            "http://127.0.0.1:3000".to_owned(),
            "an http or https URL without a path",
            |value| {
                let url = value.trim_end_matches('/');
                let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
                (!host.is_empty() && !host.contains(['/', '?', '#', ' '])).then(|| url.to_owned())
            },
        )?;
        let limits_are_off = env.bool("ROSTER_DANGEROUS_DISABLE_RATE_LIMITS", false)?;
        let limit = |limit: Option<NonZeroU32>| limit.filter(|_| !limits_are_off);
        let argon2 = Params::default();
        let argon2 = Params::new(
            env.number("ROSTER_ARGON2_MEMORY_KIB", argon2.memory_kib)?,
            env.number("ROSTER_ARGON2_ITERATIONS", argon2.iterations)?,
            env.number("ROSTER_ARGON2_PARALLELISM", argon2.parallelism)?,
        )
        .map_err(|error| ConfigError {
            variable: "ROSTER_ARGON2_MEMORY_KIB",
            reason: format!("and its companions are no parameters of Argon2id: {error}"),
        })?;
        Ok(Self {
            table: env.text("ROSTER_TABLE").unwrap_or_else(|| "Roster".to_owned()),
            dynamodb_endpoint: env.text("ROSTER_DYNAMODB_ENDPOINT"),
            encryption_key: env.text("ROSTER_ENCRYPTION_KEY").map(Secret).ok_or_else(|| ConfigError {
                variable: "ROSTER_ENCRYPTION_KEY",
                reason: "is not set: it takes 32 random bytes in base64".to_owned(),
            })?,
            session_duration: env.duration("ROSTER_SESSION_DURATION", Duration::from_hours(24))?,
            default_token_lifetime: env.duration("ROSTER_DEFAULT_TOKEN_LIFETIME", Duration::from_hours(168))?,
            max_token_lifetime: env.duration("ROSTER_MAX_TOKEN_LIFETIME", Duration::from_hours(876_600))?,
            max_admin_token_lifetime: env.duration("ROSTER_MAX_ADMIN_TOKEN_LIFETIME", Duration::from_hours(168))?,
            disable_session_expiry_refresh: env.bool("ROSTER_DISABLE_SESSION_EXPIRY_REFRESH", false)?,
            session_absolute_limit: env.optional_duration("ROSTER_SESSION_ABSOLUTE_LIMIT")?,
            api_rate_limit: limit(env.parsed(
                "ROSTER_API_RATE_LIMIT",
                NonZeroU32::new(512),
                "a whole number, 0 or less for no limit",
                |value| value.parse::<i32>().ok().map(|limit| NonZeroU32::new(limit.max(0).unsigned_abs())),
            )?),
            login_rate_limit: limit(NonZeroU32::new(LOGIN_RATE_LIMIT)),
            disable_password_auth: env.bool("ROSTER_DISABLE_PASSWORD_AUTH", false)?,
            secure_auth_cookie: env.bool("ROSTER_SECURE_AUTH_COOKIE", access_url.starts_with("https://"))?,
            samesite_auth_cookie: env.parsed("ROSTER_SAMESITE_AUTH_COOKIE", SameSite::Lax, "lax or none", |value| {
                match value {
                    "lax" => Some(SameSite::Lax),
                    "none" => Some(SameSite::None),
                    _ => None,
                }
            })?,
            host_prefix_cookie: env.bool("ROSTER_HOST_PREFIX_COOKIE", false)?,
            terms_of_service_url: env.text("ROSTER_TERMS_OF_SERVICE_URL").unwrap_or_default(),
            lockout: LockoutPolicy {
                threshold: env.number("ROSTER_LOCKOUT_THRESHOLD", 10)?,
                longest: env.duration("ROSTER_LOCKOUT_LONGEST", Duration::from_mins(15))?,
            },
            passcode_lifetime: env.duration("ROSTER_ONE_TIME_PASSCODE_LIFETIME", Duration::from_mins(10))?,
            audit_logs_retention: env.parsed(
                "ROSTER_AUDIT_LOGS_RETENTION",
                None,
                "0 to keep rows forever, or a positive duration such as 720h",
                |value| if value == "0" { Some(None) } else { parse_duration(value).map(Some) },
            )?,
            dormancy_threshold: env.duration("ROSTER_DORMANCY_THRESHOLD", Duration::from_hours(2160))?,
            ssh_keygen_algorithm: env.parsed(
                "ROSTER_SSH_KEYGEN_ALGORITHM",
                KeyAlgorithm::default(),
                "ed25519, ecdsa or rsa4096",
                KeyAlgorithm::parse,
            )?,
            argon2,
            directory_loading_time: env.duration("ROSTER_DIRECTORY_LOADING_TIME", Duration::from_secs(12))?,
            mail: MailConfig::read(&env)?,
            log: env.text("ROSTER_LOG").unwrap_or_else(|| "info".to_owned()),
            local: env.bool("ROSTER_LOCAL", false)?,
            access_url,
        })
    }
}
