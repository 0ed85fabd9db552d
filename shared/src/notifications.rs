//! Mails to users. A use case writes a [`Mail`] to the outbox in the same transaction as the change that causes it. The
//! `mailer` function sends it later.

pub mod messages;
pub mod smtp;
pub mod templates;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use crate::domain::outbox::OutboxMessage;

/// A mail to a user. The templates of each variant are in `shared/templates/mail`, and [`templates::render`] fills
/// them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Mail {
    /// A passcode with which the user can set a new password (docs/api/notifications.md#passcode-mail).
    OneTimePasscode {
        /// The e-mail address of the user.
        to: String,
        /// The real name of the user, or the username without one.
        name: String,
        /// The passcode. It is secret until it is redeemed or expires.
        passcode: Uuid,
    },
}

/// Shows only the kind of mail, because addresses and passcodes are secret.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OneTimePasscode { .. } => f.write_str("OneTimePasscode"),
        }
    }
}

impl Mail {
    /// The address of the recipient.
    pub fn to(&self) -> &str {
        match self {
            Self::OneTimePasscode { to, .. } => to,
        }
    }
}
