//! The events and answers of the `admin` function. Parsing is strict: an unknown member is an error. Errors contain
//! names of members but no values, because a value may be a password in the wrong place.

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::domain::ids::parse_uuid;
use crate::domain::names::{Email, Username};
use crate::service::operator::{NewOwner, OperatorReport, UserSelector};

/// A command of an operator.
#[derive(Clone)]
pub enum AdminCommand {
    /// `{"action":"reset-password","username"|"email"|"id":…,"password"?:…}`
    ResetPassword {
        /// The user.
        user: UserSelector,
        /// The new password in plain text; `None` to generate one.
        password: Option<String>,
    },
    /// `{"action":"create-owner","username":…,"email":…,"password"?:…}`
    CreateOwner(NewOwner),
    /// `{"action":"unlock","username"|"email"|"id":…}`
    Unlock {
        /// The user.
        user: UserSelector,
    },
}

/// Why an event is not a command.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EventError {
    /// The event is not an object.
    #[error("the event must be a JSON object")]
    NoObject,
    /// The action is missing or unknown.
    #[error("`action` must be one of \"reset-password\", \"create-owner\" and \"unlock\"")]
    Action,
    /// The member is not text, or it is empty.
    #[error("`{0}` must be a text that is not empty")]
    NoText(&'static str),
    /// A required member is missing.
    #[error("`{0}` is missing: add it")]
    Missing(&'static str),
    /// The event has none of the three members, or more than one.
    #[error("the event must have exactly one of `username`, `email` and `id`")]
    User,
    /// The value of the member is malformed.
    #[error("`{0}` is not well-formed")]
    Malformed(&'static str),
    /// Members that the action does not have: their number, the action, and its members.
    #[error("the event has {0} members that `{1}` does not have: give only {2}")]
    Unknown(usize, &'static str, &'static str),
}

/// The members of an event that were not parsed yet.
struct Members(Map<String, Value>);

impl Members {
    /// An optional text; `null` counts as missing.
    fn optional(&mut self, name: &'static str) -> Result<Option<String>, EventError> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(EventError::NoText(name)),
        }
    }

    fn required(&mut self, name: &'static str) -> Result<String, EventError> {
        self.optional(name)?.ok_or(EventError::Missing(name))
    }

    fn user(&mut self) -> Result<UserSelector, EventError> {
        match (self.optional("username")?, self.optional("email")?, self.optional("id")?) {
            (Some(name), None, None) => Ok(UserSelector::Username(name.to_ascii_lowercase())),
            (None, Some(email), None) => {
                let email = Email::parse(&email).map_err(|_| EventError::Malformed("email"))?;
                Ok(UserSelector::Email(email.folded()))
            }
            (None, None, Some(id)) => parse_uuid(&id).map(UserSelector::Id).ok_or(EventError::Malformed("id")),
            _ => Err(EventError::User),
        }
    }

    fn finish(self, action: &'static str, known: &'static str) -> Result<(), EventError> {
        if self.0.is_empty() { Ok(()) } else { Err(EventError::Unknown(self.0.len(), action, known)) }
    }
}

impl TryFrom<Value> for AdminCommand {
    type Error = EventError;

    fn try_from(event: Value) -> Result<Self, EventError> {
        let Value::Object(members) = event else { return Err(EventError::NoObject) };
        let mut members = Members(members);
        match members.0.remove("action").as_ref().and_then(Value::as_str) {
            Some("reset-password") => {
                let (user, password) = (members.user()?, members.optional("password")?);
                members.finish("reset-password", "`username`, `email` or `id`, and `password`")?;
                Ok(Self::ResetPassword { user, password })
            }
            Some("create-owner") => {
                let username = Username::parse(&members.required("username")?);
                let email = Email::parse(&members.required("email")?);
                let password = members.optional("password")?;
                members.finish("create-owner", "`username`, `email` and `password`")?;
                Ok(Self::CreateOwner(NewOwner {
                    username: username.map_err(|_| EventError::Malformed("username"))?,
                    email: email.map_err(|_| EventError::Malformed("email"))?,
                    password,
                }))
            }
            Some("unlock") => {
                let user = members.user()?;
                members.finish("unlock", "`username`, `email` or `id`")?;
                Ok(Self::Unlock { user })
            }
            _ => Err(EventError::Action),
        }
    }
}

/// The result of a command.
#[derive(Serialize)]
pub struct AdminReport {
    /// The id of the user.
    pub user_id: Uuid,
    /// The username.
    pub username: String,
    /// The e-mail address.
    pub email: String,
    /// The generated password; left out if the event named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Reasons why the user still cannot sign in; left out without any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<&'static str>,
}

impl From<OperatorReport> for AdminReport {
    fn from(report: OperatorReport) -> Self {
        Self {
            user_id: report.user.id,
            username: report.user.username,
            email: report.user.email,
            password: report.chosen_password,
            obstacles: report.obstacles,
        }
    }
}
