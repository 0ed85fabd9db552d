//! The events of the `admin` function, and its answers. An event is read strictly: what is misspelt is not guessed. What
//! is wrong is said by the names of fields alone, since a value may be a password in the wrong place.

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::domain::ids::parse_uuid;
use crate::domain::names::{Email, Username};
use crate::service::operator::{Account, NewOwner, OperatorReport};

/// What an operator asks for.
#[derive(Clone)]
pub enum AdminCommand {
    /// `{"action":"reset-password","username"|"email"|"id":…,"password"?:…}`
    ResetPassword {
        /// Whose.
        account: Account,
        /// In the clear.
        password: Option<String>,
    },
    /// `{"action":"create-owner","username":…,"email":…,"password"?:…}`
    CreateOwner(NewOwner),
    /// `{"action":"unlock","username"|"email"|"id":…}`
    Unlock {
        /// Which.
        account: Account,
    },
}

/// Why an event is no command.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EventError {
    /// Not even an object.
    #[error("the event is no JSON object")]
    NoObject,
    /// None of the three.
    #[error("`action` must be one of \"reset-password\", \"create-owner\" and \"unlock\"")]
    Action,
    /// Something that is not a text, or an empty one.
    #[error("`{0}` must be a text that is not empty")]
    NoText(&'static str),
    /// Something is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// The account is named by nothing, or by two things that might disagree.
    #[error("the account must be named by one of `username`, `email` and `id`")]
    Account,
    /// Not well-formed.
    #[error("`{0}` is not well-formed")]
    Malformed(&'static str),
    /// Members that the action does not have.
    #[error("the event has {0} members that `{1}` does not know; it knows: {2}")]
    Unknown(usize, &'static str, &'static str),
}

/// The members of an event that were not looked at yet.
struct Members(Map<String, Value>);

impl Members {
    /// A text that may be missing; `null` counts as missing.
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

    fn account(&mut self) -> Result<Account, EventError> {
        match (self.optional("username")?, self.optional("email")?, self.optional("id")?) {
            (Some(name), None, None) => Ok(Account::Username(name.to_ascii_lowercase())),
            (None, Some(email), None) => {
                let email = Email::parse(&email).map_err(|_| EventError::Malformed("email"))?;
                Ok(Account::Email(email.folded()))
            }
            (None, None, Some(id)) => parse_uuid(&id).map(Account::Id).ok_or(EventError::Malformed("id")),
            _ => Err(EventError::Account),
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
                let (account, password) = (members.account()?, members.optional("password")?);
                members.finish("reset-password", "`username`, `email` or `id`, and `password`")?;
                Ok(Self::ResetPassword { account, password })
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
                let account = members.account()?;
                members.finish("unlock", "`username`, `email` or `id`")?;
                Ok(Self::Unlock { account })
            }
            _ => Err(EventError::Action),
        }
    }
}

/// What was done.
#[derive(Serialize)]
pub struct AdminReport {
    /// The account's id.
    pub user_id: Uuid,
    /// Its username.
    pub username: String,
    /// Its address.
    pub email: String,
    /// The password that was chosen for it; left out where the event named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// What still keeps it from signing in; left out where nothing does.
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
