//! Refusals of the use cases about users, their settings and keys, organizations, and the deployment.

use http::StatusCode;

use super::{ApiError, sentence};
use crate::api::settings::InvalidAppearance;
use crate::service::deployment::DeploymentError;
use crate::service::git_ssh_keys::GitSshKeyError;
use crate::service::organizations::OrganizationError;
use crate::service::settings::SettingsError;
use crate::service::target::TargetError;
use crate::service::users::UserError;
use crate::service::users::create::CreateUserError;

impl From<InvalidAppearance> for ApiError {
    fn from(error: InvalidAppearance) -> Self {
        match error {
            InvalidAppearance::Fields(fields) => fields.into(),
            InvalidAppearance::Font => Self::bad_request(sentence(&error)),
        }
    }
}

impl From<SettingsError> for ApiError {
    fn from(error: SettingsError) -> Self {
        match error {
            SettingsError::Forbidden => Self::forbidden(),
            SettingsError::Storage(error) => error.into(),
        }
    }
}

impl From<TargetError> for ApiError {
    fn from(error: TargetError) -> Self {
        match error {
            TargetError::Hidden => Self::not_found(),
            TargetError::Storage(error) => error.into(),
        }
    }
}

impl From<DeploymentError> for ApiError {
    fn from(error: DeploymentError) -> Self {
        match error {
            DeploymentError::Forbidden => Self::forbidden(),
        }
    }
}

impl From<UserError> for ApiError {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Hidden => Self::not_found(),
            UserError::Forbidden => Self::forbidden(),
            UserError::DeletesOneself | UserError::LastOwner | UserError::LoginTypeOfAnother => {
                Self::new(StatusCode::FORBIDDEN, sentence(&error))
            }
            UserError::SuspendsOneself | UserError::SuspendsOwner | UserError::OwnRoles => {
                Self::bad_request(sentence(&error))
            }
            UserError::UnknownRole(_) | UserError::NotAssignable(_) => {
                Self::bad_request(sentence(&error)).with_field("roles", sentence(&error))
            }
            UserError::UsernameTaken => {
                let text = sentence(&error);
                Self::new(StatusCode::CONFLICT, text.clone()).with_field("username", text)
            }
            UserError::Storage(error) => error.into(),
        }
    }
}

impl From<CreateUserError> for ApiError {
    fn from(error: CreateUserError) -> Self {
        let text = sentence(&error);
        match error {
            CreateUserError::ServiceAccount(_)
            | CreateUserError::PasswordGiven
            | CreateUserError::PasswordNotAllowed(_)
            | CreateUserError::OidcNotConfigured => Self::bad_request(text),
            CreateUserError::UnknownLoginType(_) => Self::bad_request(text.clone()).with_field("login_type", text),
            CreateUserError::UnknownRole(_) => Self::bad_request(text.clone()).with_field("roles", text),
            CreateUserError::UnknownStatus(_) => Self::bad_request(text.clone()).with_field("user_status", text),
            CreateUserError::NoOrganization => Self::bad_request("No organization was given.")
                .with_detail(text.clone())
                .with_field("organization_ids", text),
            CreateUserError::WeakPassword(_) => Self::weak_password(text),
            CreateUserError::PasswordsDisabled | CreateUserError::NotAssignable(_) => {
                Self::new(StatusCode::FORBIDDEN, text)
            }
            CreateUserError::Forbidden => Self::forbidden(),
            CreateUserError::Taken | CreateUserError::FirstUserExists => Self::new(StatusCode::CONFLICT, text),
            CreateUserError::OrganizationNotFound(_) => Self::new(StatusCode::NOT_FOUND, text),
            CreateUserError::Hash(error) => Self::internal(error),
            CreateUserError::KeyPair(error) => Self::internal(error),
            CreateUserError::Storage(error) => error.into(),
        }
    }
}

impl From<GitSshKeyError> for ApiError {
    fn from(error: GitSshKeyError) -> Self {
        match error {
            GitSshKeyError::Forbidden => Self::forbidden(),
            GitSshKeyError::KeyPair(error) => Self::internal(error),
            GitSshKeyError::Storage(error) => error.into(),
        }
    }
}

impl From<OrganizationError> for ApiError {
    fn from(error: OrganizationError) -> Self {
        match error {
            OrganizationError::Hidden => Self::not_found(),
            OrganizationError::Forbidden => Self::forbidden(),
            OrganizationError::Oneself => Self::bad_request(
                "You cannot change or end your own membership of an organization. Ask an administrator.",
            ),
            OrganizationError::UnknownRole(_) => {
                Self::bad_request(sentence(&error)).with_field("roles", sentence(&error))
            }
            OrganizationError::NotAssignable(_) => Self::bad_request(sentence(&error)),
            OrganizationError::Storage(error) => error.into(),
        }
    }
}
