//! `GET /deployment/config`: the settings on the wire, secrets blanked (docs/api/deployment.md#configuration).

use std::time::Duration;

use serde::Serialize;

use crate::config::{Config, Setting};

/// The settings twice, as Coder answers them: as a tree under its names, and as a list for people.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DeploymentConfig {
    /// The settings that Coder has too.
    pub config: DeploymentValues,
    /// Every setting of [`crate::config::SETTINGS`].
    pub options: Vec<DeploymentOption>,
}

/// Settings under the names that clients know.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DeploymentValues {
    /// Where clients reach the service.
    pub access_url: String,
    /// Whether sign-in with a password is disabled.
    pub disable_password_auth: bool,
    /// Lifetimes of sessions and tokens.
    pub session_lifetime: SessionLifetime,
    /// Algorithm of new git SSH keys.
    pub ssh_keygen_algorithm: &'static str,
    /// Link that is shown at sign-in; empty for none.
    pub terms_of_service_url: String,
}

/// Lifetimes of sessions and tokens, in nanoseconds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SessionLifetime {
    /// Whether a use does not extend a session.
    pub disable_expiry_refresh: bool,
    /// Of a login session.
    pub default_duration: u64,
    /// Of a token whose request names no lifetime.
    pub default_token_lifetime: u64,
    /// The longest of a token.
    pub max_token_lifetime: u64,
    /// The longest of a token of an owner.
    pub max_admin_token_lifetime: u64,
}

/// One setting.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct DeploymentOption {
    /// The environment variable. Not Coder's name: the Go SDK would read the value as the type that Coder's option has.
    pub name: &'static str,
    /// The meaning of the setting.
    pub description: &'static str,
    /// The environment variable.
    pub env: &'static str,
    /// The value; empty for secrets.
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
        let option = |(setting, value): (&Setting, String)| DeploymentOption {
            name: setting.variable,
            description: setting.meaning(),
            env: setting.variable,
            value,
        };
        Self { config: config.into(), options: config.values().map(option).collect() }
    }
}
