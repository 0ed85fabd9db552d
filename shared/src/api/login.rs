//! Sign-in and passwords on the wire (docs/api/passwords.md#login, docs/api/passwords.md#password-validation,
//! docs/api/passwords.md#authentication-methods).

use serde::{Deserialize, Serialize};

use super::fields::{Fields, InvalidFields};
use super::json::verbatim;
use crate::auth::passcode::Passcode;
use crate::auth::password_policy;
use crate::config::Config;
use crate::domain::names::Email;
use crate::service::login::Login;
use crate::service::passcodes::PasscodeRedemption;
use crate::service::passwords::PasswordChange;

/// The request for a session.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct LoginWithPasswordRequest {
    email: String,
    #[serde(deserialize_with = "verbatim")]
    password: String,
}

/// The credentials of a login.
#[derive(Clone)]
pub struct Credentials {
    /// The e-mail address of the user.
    pub email: Email,
    /// In plain text.
    pub password: String,
}

impl TryFrom<LoginWithPasswordRequest> for Credentials {
    type Error = InvalidFields;

    fn try_from(body: LoginWithPasswordRequest) -> Result<Self, InvalidFields> {
        let mut fields = Fields::default();
        let email = fields.check("email", Email::parse(&body.email));
        let password = fields.required("password", body.password);
        match (email, password) {
            (Some(email), Some(password)) => Ok(Self { email, password }),
            _ => Err(fields.into_error()),
        }
    }
}

/// A new session with its token. No other answer contains the token.
#[derive(Clone, Serialize)]
pub struct LoginWithPasswordResponse {
    /// `<id>-<secret>`.
    pub session_token: String,
    /// Another user chose the password; left out when false. Coder's answers do not have this member
    /// (docs/api/passwords.md#temporary-passwords).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub must_change_password: bool,
}

impl From<Login> for LoginWithPasswordResponse {
    fn from(login: Login) -> Self {
        Self { session_token: login.token.reveal(), must_change_password: login.password_is_temporary }
    }
}

/// The request for a new password.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ChangePasswordRequest {
    #[serde(deserialize_with = "verbatim")]
    old_password: String,
    #[serde(deserialize_with = "verbatim")]
    password: String,
}

impl TryFrom<ChangePasswordRequest> for PasswordChange {
    type Error = InvalidFields;

    fn try_from(body: ChangePasswordRequest) -> Result<Self, InvalidFields> {
        let mut fields = Fields::default();
        let new = fields.required("password", body.password).ok_or_else(|| fields.into_error())?;
        Ok(Self { old: body.old_password, new })
    }
}

/// The request for a passcode by mail.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct RequestOneTimePasscodeRequest {
    email: String,
}

impl TryFrom<RequestOneTimePasscodeRequest> for Email {
    type Error = InvalidFields;

    fn try_from(body: RequestOneTimePasscodeRequest) -> Result<Self, InvalidFields> {
        let mut fields = Fields::default();
        fields.check("email", Self::parse(&body.email)).ok_or_else(|| fields.into_error())
    }
}

/// The request for a new password with a passcode.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ChangePasswordWithOneTimePasscodeRequest {
    email: String,
    #[serde(deserialize_with = "verbatim")]
    password: String,
    one_time_passcode: String,
}

impl TryFrom<ChangePasswordWithOneTimePasscodeRequest> for PasscodeRedemption {
    type Error = InvalidFields;

    fn try_from(body: ChangePasswordWithOneTimePasscodeRequest) -> Result<Self, InvalidFields> {
        let mut fields = Fields::default();
        let email = fields.check("email", Email::parse(&body.email));
        let password = fields.required("password", body.password);
        let passcode = fields.required("one_time_passcode", body.one_time_passcode);
        match (email, password, passcode) {
            (Some(email), Some(password), Some(passcode)) => {
                Ok(Self { email, password, passcode: Passcode::presented(passcode) })
            }
            _ => Err(fields.into_error()),
        }
    }
}

/// The request to check a password against the policy.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ValidateUserPasswordRequest {
    #[serde(deserialize_with = "verbatim")]
    password: String,
}

/// The result of the policy for a password.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ValidateUserPasswordResponse {
    /// Whether the password would be accepted.
    pub valid: bool,
    /// The reason for a refusal; empty if valid.
    pub details: String,
}

impl TryFrom<ValidateUserPasswordRequest> for ValidateUserPasswordResponse {
    type Error = InvalidFields;

    fn try_from(body: ValidateUserPasswordRequest) -> Result<Self, InvalidFields> {
        let mut fields = Fields::default();
        let password = fields.required("password", body.password);
        let password = password.ok_or_else(|| fields.into_error())?;
        let verdict = password_policy::check(&password);
        Ok(Self {
            valid: verdict.is_ok(),
            details: verdict.err().map(|weakness| weakness.to_string()).unwrap_or_default(),
        })
    }
}

/// The ways to sign in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AuthMethods {
    /// Left out when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub terms_of_service_url: String,
    /// With a password.
    pub password: AuthMethod,
    /// With GitHub.
    pub github: GithubAuthMethod,
    /// With an OpenID provider.
    pub oidc: OidcAuthMethod,
}

/// One way to sign in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AuthMethod {
    /// Whether it is configured.
    pub enabled: bool,
}

/// Sign-in with GitHub.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct GithubAuthMethod {
    /// Whether it is configured.
    pub enabled: bool,
    /// Whether the default GitHub application of the product is used; always false.
    pub default_provider_configured: bool,
}

/// Sign-in with an OpenID provider. Two names are in camel case on the wire.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OidcAuthMethod {
    /// Whether it is configured.
    pub enabled: bool,
    /// The text of the button.
    #[serde(rename = "signInText")]
    pub sign_in_text: String,
    /// The icon of the button.
    #[serde(rename = "iconUrl")]
    pub icon_url: String,
}

impl From<&Config> for AuthMethods {
    fn from(config: &Config) -> Self {
        Self {
            terms_of_service_url: config.terms_of_service_url.clone(),
            password: AuthMethod { enabled: !config.disable_password_auth },
            github: GithubAuthMethod { enabled: false, default_provider_configured: false },
            oidc: OidcAuthMethod { enabled: false, sign_in_text: String::new(), icon_url: String::new() },
        }
    }
}
