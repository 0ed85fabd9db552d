//! Refusals of sign-in and sign-out, of passwords, and of API keys.

use http::StatusCode;

use super::{ApiError, sentence};
use crate::domain::user::UserStatus;
use crate::rbac::AllowListError;
use crate::service::api_keys::{CreateKeyError, KeyError};
use crate::service::login::LogoutError;
use crate::service::passcodes::{PasswordsDisabled, RedeemPasscodeError, RequestPasscodeError};
use crate::service::password_gate::LoginError;
use crate::service::passwords::ChangePasswordError;
use crate::service::session::AuthenticateError;
use crate::service::sso::{ConvertLoginError, NoClaims};

const SIGNED_OUT: &str = "You are signed out, or your session has expired. Sign in again.";
const NO_TOKEN: &str =
    "The request carries no token. Sign in, and send the token as the cookie coder_session_token or in a header.";
/// The Terraform provider compares this text (docs/api/clients.md#literal-texts).
const SAME_PASSWORD: &str = "New password cannot match old password.";

impl From<AuthenticateError> for ApiError {
    fn from(error: AuthenticateError) -> Self {
        let error = match error {
            AuthenticateError::Storage(error) => return error.into(),
            AuthenticateError::NotActive(status) => {
                let message = not_active(status);
                return Self::new(StatusCode::UNAUTHORIZED, message.clone()).with_challenge(message);
            }
            AuthenticateError::Missing => NO_TOKEN.to_owned(),
            error @ (AuthenticateError::Malformed(_)
            | AuthenticateError::Unknown
            | AuthenticateError::Secret
            | AuthenticateError::Expired(_)) => sentence(&error),
        };
        Self::new(StatusCode::UNAUTHORIZED, SIGNED_OUT).with_detail(error.clone()).with_challenge(error)
    }
}

impl From<ChangePasswordError> for ApiError {
    fn from(error: ChangePasswordError) -> Self {
        let text = sentence(&error);
        match error {
            ChangePasswordError::Hidden => Self::not_found(),
            ChangePasswordError::OwnersOnly | ChangePasswordError::LoginType(_) | ChangePasswordError::OldRequired => {
                Self::bad_request(text)
            }
            ChangePasswordError::WeakPassword(_) => Self::weak_password(text),
            ChangePasswordError::WrongOld => Self::bad_request(text.clone()).with_field("old_password", text),
            ChangePasswordError::Same => Self::bad_request(SAME_PASSWORD),
            ChangePasswordError::Hash(error) => Self::internal(error),
            ChangePasswordError::Storage(error) => error.into(),
        }
    }
}

impl From<AllowListError> for ApiError {
    fn from(error: AllowListError) -> Self {
        match error {
            AllowListError::Malformed(_) => {
                Self::bad_request("The request body is not valid JSON for this request.").with_detail(sentence(&error))
            }
            AllowListError::TooMany(_) => {
                Self::bad_request("The API key was not created.").with_detail(sentence(&error))
            }
        }
    }
}

impl From<LoginError> for ApiError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Credentials => {
                Self::new(StatusCode::UNAUTHORIZED, "The e-mail address or the password is wrong.")
            }
            LoginError::PasswordsDisabled => Self::new(StatusCode::FORBIDDEN, sentence(&error)),
            LoginError::LoginType(actual) => Self::new(
                StatusCode::FORBIDDEN,
                format!("This user does not sign in with a password. Its login type is {}.", actual.as_str()),
            ),
            LoginError::NotActive(status) => Self::new(StatusCode::UNAUTHORIZED, not_active(status)),
            LoginError::Hash(error) => Self::internal(error),
            LoginError::Storage(error) => error.into(),
        }
    }
}

impl From<PasswordsDisabled> for ApiError {
    fn from(error: PasswordsDisabled) -> Self {
        Self::new(StatusCode::FORBIDDEN, sentence(&error))
    }
}

impl From<RequestPasscodeError> for ApiError {
    fn from(error: RequestPasscodeError) -> Self {
        match error {
            RequestPasscodeError::PasswordsDisabled(error) => error.into(),
            RequestPasscodeError::Mail(error) => Self::internal(error),
            RequestPasscodeError::Storage(error) => error.into(),
        }
    }
}

impl From<ConvertLoginError> for ApiError {
    fn from(error: ConvertLoginError) -> Self {
        match error {
            ConvertLoginError::NotConvertible(_) | ConvertLoginError::UnknownType => {
                Self::bad_request(sentence(&error))
            }
            ConvertLoginError::Login(error) => error.into(),
            ConvertLoginError::Vault(error) => Self::internal(error),
        }
    }
}

impl From<RedeemPasscodeError> for ApiError {
    fn from(error: RedeemPasscodeError) -> Self {
        let text = sentence(&error);
        match error {
            RedeemPasscodeError::PasswordsDisabled(error) => error.into(),
            RedeemPasscodeError::WeakPassword(_) => Self::weak_password(text),
            RedeemPasscodeError::Refused => Self::bad_request(text),
            RedeemPasscodeError::Same => Self::bad_request(SAME_PASSWORD),
            RedeemPasscodeError::Hash(error) => Self::internal(error),
            RedeemPasscodeError::Storage(error) => error.into(),
        }
    }
}

impl From<NoClaims> for ApiError {
    fn from(error: NoClaims) -> Self {
        match error {
            NoClaims::LoginType(_) => Self::bad_request(sentence(&error)),
            NoClaims::NoLink(_) => Self::internal(error),
        }
    }
}

impl From<LogoutError> for ApiError {
    fn from(error: LogoutError) -> Self {
        match error {
            LogoutError::Forbidden => Self::forbidden(),
            LogoutError::Storage(error) => error.into(),
        }
    }
}

impl From<CreateKeyError> for ApiError {
    fn from(error: CreateKeyError) -> Self {
        let text = sentence(&error);
        match error {
            CreateKeyError::Hidden => Self::not_found(),
            CreateKeyError::Forbidden => Self::forbidden(),
            CreateKeyError::AllowList(error) => error.into(),
            CreateKeyError::UnknownScope(_) | CreateKeyError::TooManyScopes(_) => {
                Self::bad_request("The API key was not created.").with_detail(text)
            }
            CreateKeyError::LifetimeTooShort | CreateKeyError::LifetimeTooLong(_) => {
                Self::bad_request("The lifetime is not allowed. Choose another one.").with_detail(text)
            }
            CreateKeyError::NameTooLong => Self::bad_request("Validation failed.").with_field("token_name", text),
            CreateKeyError::Wider => Self::new(StatusCode::FORBIDDEN, "Forbidden.").with_detail(text),
            // `name` is the form field of the dashboard. The member of the request is `token_name`.
            CreateKeyError::NameTaken => Self::new(StatusCode::CONFLICT, text.clone()).with_field("name", text),
            CreateKeyError::Storage(error) => error.into(),
        }
    }
}

impl From<KeyError> for ApiError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Hidden => Self::not_found(),
            KeyError::Storage(error) => error.into(),
        }
    }
}

fn not_active(status: UserStatus) -> String {
    format!("This user is {}. Ask an administrator to activate it.", status.as_str())
}
