//! The deployment's settings on the wire, secrets blanked (docs/api/deployment.md#configuration).

use std::num::NonZeroU32;
use std::time::Duration;

use serde::Serialize;

use crate::config::Config;

/// Settings twice, as the reference shows them: as a tree under its names, and as a list for people.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DeploymentConfig {
    /// The settings that the reference has too.
    pub config: DeploymentValues,
    /// Every setting.
    pub options: Vec<DeploymentOption>,
}

/// Settings under the names that clients know.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DeploymentValues {
    /// Where clients reach the service.
    pub access_url: String,
    /// Nobody signs in with a password.
    pub disable_password_auth: bool,
    /// Lives of sessions and tokens.
    pub session_lifetime: SessionLifetime,
    /// Kind of new git SSH keys.
    pub ssh_keygen_algorithm: &'static str,
    /// Shown to who signs in.
    pub terms_of_service_url: String,
}

/// Lives of sessions and tokens, in nanoseconds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SessionLifetime {
    /// Sessions do not slide.
    pub disable_expiry_refresh: bool,
    /// Of a login session.
    pub default_duration: u64,
    /// Of tokens that name none.
    pub default_token_lifetime: u64,
    /// The most that a token may ask for.
    pub max_token_lifetime: u64,
    /// The same for tokens of owners.
    pub max_admin_token_lifetime: u64,
}

/// One setting.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DeploymentOption {
    /// The environment variable: the Go SDK reads a value under a name of its own as that option's type.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// The environment variable it comes from.
    pub env: &'static str,
    /// What it is set to; empty for secrets.
    pub value: String,
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl From<&Config> for DeploymentValues {
    fn from(config: &Config) -> Self {
        Self {
            access_url: config.access_url.clone(),
            disable_password_auth: config.disable_password_auth,
            session_lifetime: SessionLifetime {
                disable_expiry_refresh: config.disable_session_expiry_refresh,
                default_duration: nanoseconds(config.session_duration),
                default_token_lifetime: nanoseconds(config.default_token_lifetime),
                max_token_lifetime: nanoseconds(config.max_token_lifetime),
                max_admin_token_lifetime: nanoseconds(config.max_admin_token_lifetime),
            },
            ssh_keygen_algorithm: config.ssh_keygen_algorithm.as_str(),
            terms_of_service_url: config.terms_of_service_url.clone(),
        }
    }
}

impl From<&Config> for DeploymentConfig {
    fn from(config: &Config) -> Self {
        Self { config: config.into(), options: options(config) }
    }
}

/// Takes the settings apart: one that is missing here does not compile.
#[expect(clippy::too_many_lines, reason = "a list, as long as there are settings")]
fn options(config: &Config) -> Vec<DeploymentOption> {
    let Config {
        table,
        dynamodb_endpoint,
        access_url,
        encryption_key: _,
        session_duration,
        default_token_lifetime,
        max_token_lifetime,
        max_admin_token_lifetime,
        disable_session_expiry_refresh,
        session_absolute_limit,
        api_rate_limit,
        login_rate_limit,
        disable_password_auth,
        secure_auth_cookie,
        samesite_auth_cookie,
        host_prefix_cookie,
        terms_of_service_url,
        lockout,
        passcode_lifetime,
        audit_logs_retention,
        dormancy_threshold,
        ssh_keygen_algorithm,
        argon2,
        directory_loading_time,
        // Only the mailer is given these.
        mail: _,
        log,
        local,
    } = config;
    let option = |env, description, value: &dyn std::fmt::Display| DeploymentOption {
        name: env,
        description,
        env,
        value: value.to_string(),
    };
    let seconds = |duration: &Duration| format!("{}s", duration.as_secs());
    let perhaps_seconds = |duration: &Option<Duration>| duration.as_ref().map(seconds).unwrap_or_default();
    let endpoint = dynamodb_endpoint.as_deref().unwrap_or_default();
    let same_site = samesite_auth_cookie.as_str().to_ascii_lowercase();
    vec![
        option("ROSTER_ACCESS_URL", "Where clients reach the service.", access_url),
        option("ROSTER_TABLE", "The DynamoDB table.", table),
        option("ROSTER_DYNAMODB_ENDPOINT", "Another DynamoDB than the region's own.", &endpoint),
        option("ROSTER_ENCRYPTION_KEY", "Seals secrets at rest; never shown.", &""),
        option("ROSTER_SESSION_DURATION", "Life of a login session.", &seconds(session_duration)),
        option(
            "ROSTER_DISABLE_SESSION_EXPIRY_REFRESH",
            "Sessions do not slide while they are used.",
            disable_session_expiry_refresh,
        ),
        option(
            "ROSTER_SESSION_ABSOLUTE_LIMIT",
            "Use never moves the end of a session past this age; empty for none.",
            &perhaps_seconds(session_absolute_limit),
        ),
        option(
            "ROSTER_API_RATE_LIMIT",
            "Requests a minute of one user to one path; 0 for any number.",
            &api_rate_limit.map_or(0, NonZeroU32::get),
        ),
        option(
            "ROSTER_DANGEROUS_DISABLE_RATE_LIMITS",
            "Nobody is limited, not even where passwords are tried.",
            &login_rate_limit.is_none(),
        ),
        option("ROSTER_DEFAULT_TOKEN_LIFETIME", "Life of tokens that name none.", &seconds(default_token_lifetime)),
        option("ROSTER_MAX_TOKEN_LIFETIME", "The most that a token may ask for.", &seconds(max_token_lifetime)),
        option(
            "ROSTER_MAX_ADMIN_TOKEN_LIFETIME",
            "The most that a token of an owner may ask for.",
            &seconds(max_admin_token_lifetime),
        ),
        option("ROSTER_DISABLE_PASSWORD_AUTH", "Nobody signs in with a password.", disable_password_auth),
        option("ROSTER_SECURE_AUTH_COOKIE", "Cookies travel over https alone.", secure_auth_cookie),
        option("ROSTER_SAMESITE_AUTH_COOKIE", "Whether cookies travel from other sites.", &same_site),
        option("ROSTER_HOST_PREFIX_COOKIE", "The session cookie is bound to its host.", host_prefix_cookie),
        option("ROSTER_TERMS_OF_SERVICE_URL", "Shown to who signs in.", terms_of_service_url),
        option(
            "ROSTER_LOCKOUT_THRESHOLD",
            "Wrong passwords in a row that an account takes before it refuses every password for a while.",
            &lockout.threshold,
        ),
        option("ROSTER_LOCKOUT_LONGEST", "The while grows up to this.", &seconds(&lockout.longest)),
        option(
            "ROSTER_ONE_TIME_PASSCODE_LIFETIME",
            "How long the link of a forgot-password mail is good.",
            &seconds(passcode_lifetime),
        ),
        option(
            "ROSTER_AUDIT_LOGS_RETENTION",
            "How long rows of the audit log are kept; empty for ever.",
            &perhaps_seconds(audit_logs_retention),
        ),
        option(
            "ROSTER_DORMANCY_THRESHOLD",
            "Active users unseen for longer become dormant.",
            &seconds(dormancy_threshold),
        ),
        option("ROSTER_SSH_KEYGEN_ALGORITHM", "Kind of new git SSH keys.", &ssh_keygen_algorithm.as_str()),
        option("ROSTER_ARGON2_MEMORY_KIB", "Memory of a password hash.", &argon2.memory_kib),
        option("ROSTER_ARGON2_ITERATIONS", "Passes of a password hash.", &argon2.iterations),
        option("ROSTER_ARGON2_PARALLELISM", "Lanes of a password hash.", &argon2.parallelism),
        option(
            "ROSTER_DIRECTORY_LOADING_TIME",
            "How long one request may load the directory of all users.",
            &seconds(directory_loading_time),
        ),
        option("ROSTER_LOG", "Which log lines are written.", log),
        option("ROSTER_LOCAL", "Answers say what they cost.", local),
    ]
}
