//! Every setting, declared once: its field, environment variable, default, meaning, and how the template sets it. Read
//! once in a process, before anything else. The only home of `env::var`.

mod kind;
mod mail;
mod setting;
#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::time::Duration;

pub use lettre::message::Mailbox;

use self::DefaultValue::{Derived, Required, Text};
use self::Source::{Expression, NotSet, Parameter, RequiredParameter};
use self::kind::{
    BOOL, DURATION, ENCRYPTION_KEY, KEY_ALGORITHM, NUMBER, OPTIONAL_DURATION, OPTIONAL_TEXT, ORIGIN, RATE_LIMIT,
    RETENTION, SAME_SITE, TEXT,
};
use self::mail::MailVariables;
pub use self::mail::{Delivery, Encryption, Identity, Login, MailConfig, Smarthost, Tls, Trust};
pub use self::setting::{ConfigError, DefaultValue, Secret, Setting, Source, ValueType};
use self::setting::{Reader, SettingsTable, settings};

use crate::auth::git_ssh_key::KeyAlgorithm;
use crate::auth::lockout::LockoutPolicy;
use crate::auth::password::Params;

/// The settings that every function reads.
pub const SETTINGS: &[Setting] = Config::SETTINGS;
/// The settings that only the mailer is given.
pub const MAIL_SETTINGS: &[Setting] = MailVariables::SETTINGS;

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
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }
}

settings! {
    /// The settings of the service. Their names follow Coder's variables with `ROSTER_` in place of `CODER_`.
    #[derive(Clone, Debug)]
    pub struct Config {
        /// Where clients reach the service, without a path.
        access_url: String = "ROSTER_ACCESS_URL", ORIGIN, Text("http://127.0.0.1:3000"),
            RequiredParameter("AccessUrl", r"^https://[^/?#\s]+$");
        /// The DynamoDB table.
        table: String = "ROSTER_TABLE", TEXT, Text("Roster"), Expression("!Ref Table");
        /// A DynamoDB endpoint in place of the region's own.
        dynamodb_endpoint: Option<String> = "ROSTER_DYNAMODB_ENDPOINT", OPTIONAL_TEXT, Text(""), NotSet;
        /// 32 random bytes in base64 that encrypt secrets at rest. The keys of tickets and the id of the deployment are
        /// derived from them. Local mode generates them on the first start.
        encryption_key: Secret = "ROSTER_ENCRYPTION_KEY", ENCRYPTION_KEY, Required,
            Expression(r#"!Sub "{{resolve:secretsmanager:${EncryptionKeySecret}:SecretString}}""#);
        /// Lifetime of a login session. Use of the session extends it.
        session_duration: Duration = "ROSTER_SESSION_DURATION", DURATION, Text("24h"), Parameter("SessionDuration");
        /// Use does not extend a session.
        disable_session_expiry_refresh: bool = "ROSTER_DISABLE_SESSION_EXPIRY_REFRESH", BOOL, Text("false"),
            Parameter("DisableSessionExpiryRefresh");
        /// Use does not extend a session past this age, such as `720h`; empty for no limit.
        session_absolute_limit: Option<Duration> = "ROSTER_SESSION_ABSOLUTE_LIMIT", OPTIONAL_DURATION, Text(""),
            Parameter("SessionAbsoluteLimit");
        /// Requests a minute that one user, or one address without a user, may make to one path; `0` for any number.
        api_rate_limit: Option<NonZeroU32> = "ROSTER_API_RATE_LIMIT", RATE_LIMIT, Text("512"),
            Parameter("ApiRateLimit");
        /// Turns all rate limits off, including the 60 requests a minute for sign-in and passwords. For load tests.
        dangerous_disable_rate_limits: bool = "ROSTER_DANGEROUS_DISABLE_RATE_LIMITS", BOOL, Text("false"),
            Parameter("DangerousDisableRateLimits");
        /// Lifetime of a token whose request names none, and of `POST /users/{user}/keys`.
        default_token_lifetime: Duration = "ROSTER_DEFAULT_TOKEN_LIFETIME", DURATION, Text("168h"),
            Parameter("DefaultTokenLifetime");
        /// The longest lifetime of a token of a user without the role owner.
        max_token_lifetime: Duration = "ROSTER_MAX_TOKEN_LIFETIME", DURATION, Text("876600h"),
            Parameter("MaxTokenLifetime");
        /// The longest lifetime of a token of an owner.
        max_admin_token_lifetime: Duration = "ROSTER_MAX_ADMIN_TOKEN_LIFETIME", DURATION, Text("168h"),
            Parameter("MaxAdminTokenLifetime");
        /// No user may sign in with a password, owners included.
        disable_password_auth: bool = "ROSTER_DISABLE_PASSWORD_AUTH", BOOL, Text("false"),
            Parameter("DisablePasswordAuth");
        /// The browser sends the session cookie over https only.
        secure_auth_cookie: bool = "ROSTER_SECURE_AUTH_COOKIE", BOOL, Derived("`true` if the access URL is https"),
            NotSet;
        /// The `SameSite` attribute of the session cookie: `lax` or `none`.
        samesite_auth_cookie: SameSite = "ROSTER_SAMESITE_AUTH_COOKIE", SAME_SITE, Text("lax"),
            Parameter("SameSiteAuthCookie");
        /// The session cookie is named `__Host-coder_session_token`, which binds it to its host.
        host_prefix_cookie: bool = "ROSTER_HOST_PREFIX_COOKIE", BOOL, Text("false"), Parameter("HostPrefixCookie");
        /// Link to the terms of service, shown at sign-in.
        terms_of_service_url: String = "ROSTER_TERMS_OF_SERVICE_URL", TEXT, Text(""), Parameter("TermsOfServiceUrl");
        /// Wrong passwords in a row after which every password of the user is refused for a while; `0` for no lockout.
        lockout_threshold: u32 = "ROSTER_LOCKOUT_THRESHOLD", NUMBER, Text("10"), Parameter("LockoutThreshold");
        /// The longest lockout. The first one lasts 15 seconds, and each further wrong password doubles it.
        lockout_longest: Duration = "ROSTER_LOCKOUT_LONGEST", DURATION, Text("15m"), Parameter("LockoutLongest");
        /// Lifetime of the link in a forgot-password mail.
        passcode_lifetime: Duration = "ROSTER_ONE_TIME_PASSCODE_LIFETIME", DURATION, Text("10m"),
            Parameter("OneTimePasscodeLifetime");
        /// How long entries of the audit log are kept, such as `8760h`; `0` keeps them forever.
        audit_logs_retention: Option<Duration> = "ROSTER_AUDIT_LOGS_RETENTION", RETENTION, Text("0"),
            Parameter("AuditLogsRetention");
        /// An active user who was last seen longer ago than this becomes dormant.
        dormancy_threshold: Duration = "ROSTER_DORMANCY_THRESHOLD", DURATION, Text("2160h"),
            Parameter("DormancyThreshold");
        /// Algorithm of new git SSH keys: `ed25519`, `ecdsa` (P-256) or `rsa4096`. The last takes seconds of a whole
        /// vCPU: give `SettingsFunction` 1769 MB then.
        ssh_keygen_algorithm: KeyAlgorithm = "ROSTER_SSH_KEYGEN_ALGORITHM", KEY_ALGORITHM, Text("ed25519"),
            Parameter("SshKeygenAlgorithm");
        /// Memory of a password hash by Argon2id, in KiB. A changed cost takes effect when a user signs in.
        argon2_memory_kib: u32 = "ROSTER_ARGON2_MEMORY_KIB", NUMBER, Text("19456"), NotSet;
        /// Iterations of a password hash.
        argon2_iterations: u32 = "ROSTER_ARGON2_ITERATIONS", NUMBER, Text("2"), NotSet;
        /// Lanes of a password hash.
        argon2_parallelism: u32 = "ROSTER_ARGON2_PARALLELISM", NUMBER, Text("1"), NotSet;
        /// How long one request may load the index of all users before it answers 503 and the next request continues.
        /// Less than the timeout of a function.
        directory_loading_time: Duration = "ROSTER_DIRECTORY_LOADING_TIME", DURATION, Text("12s"),
            Parameter("DirectoryLoadingTime");
        /// Which log lines are written, as a `tracing` directive.
        log: String = "ROSTER_LOG", TEXT, Text("info"), Parameter("Log");
        /// Each answer names its cost in `Server-Timing`. Local mode sets it.
        local: bool = "ROSTER_LOCAL", BOOL, Text("false"), NotSet;
    }
    with {
        /// How mail is sent.
        mail: MailConfig,
    }
}

/// Requests a minute to the routes of the login group (docs/api/authentication.md#rate-limits).
const LOGIN_RATE_LIMIT: Option<NonZeroU32> = NonZeroU32::new(60);

impl Config {
    /// Reads the environment of the process.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_env_with(&|_| None)
    }

    /// Reads the environment of the process, except for variables that `overrides` knows.
    #[expect(clippy::disallowed_methods, reason = "the one home of the environment")]
    pub fn from_env_with(overrides: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        Self::from_lookup(&|name| overrides(name).or_else(|| std::env::var(name).ok()))
    }

    /// Reads variables from `lookup`.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let is_https = || lookup("ROSTER_ACCESS_URL").is_some_and(|url| url.trim().starts_with("https://"));
        let with_derived = |name: &str| {
            let given = lookup(name).filter(|value| !value.is_empty());
            given.or_else(|| (name == "ROSTER_SECURE_AUTH_COOKIE").then(|| is_https().to_string()))
        };
        let mut config = Self::read(&Reader(&with_derived))?;
        if config.dangerous_disable_rate_limits {
            config.api_rate_limit = None;
        }
        Params::new(config.argon2_memory_kib, config.argon2_iterations, config.argon2_parallelism).map_err(
            |error| {
                let reason = format!("and the other settings of Argon2 do not fit together: {error}");
                ConfigError::new("ROSTER_ARGON2_MEMORY_KIB", reason)
            },
        )?;
        Ok(config)
    }

    /// The settings that every function reads, each with its value as text; empty for a secret.
    pub fn values(&self) -> impl Iterator<Item = (&'static Setting, String)> {
        SETTINGS.iter().zip(SettingsTable::values(self))
    }

    /// Requests a minute to the routes of the login group; `None` for any number.
    pub fn login_rate_limit(&self) -> Option<NonZeroU32> {
        LOGIN_RATE_LIMIT.filter(|_| !self.dangerous_disable_rate_limits)
    }

    /// When wrong passwords lock a user out.
    pub fn lockout(&self) -> LockoutPolicy {
        LockoutPolicy { threshold: self.lockout_threshold, longest: self.lockout_longest }
    }

    /// The cost of a password hash.
    pub fn argon2(&self) -> Params {
        Params {
            memory_kib: self.argon2_memory_kib,
            iterations: self.argon2_iterations,
            parallelism: self.argon2_parallelism,
        }
    }
}
