//! What is said to people by mail. A use case writes a [`Mail`] into the outbox together with the change that causes it;
//! the `mailer` function sends it later.

pub mod messages;
pub mod smtp;
pub mod templates;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use crate::domain::outbox::OutboxMessage;

/// A message to a user; each has its templates in `shared/templates/mail`, and its part in [`templates::render`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Mail {
    /// A forgotten password can be replaced with this passcode (docs/api/notifications.md#passcode-mail).
    OneTimePasscode {
        /// The address of the account.
        to: String,
        /// The full name, or the username of an account without one.
        name: String,
        /// The passcode: a secret until it is redeemed or too old.
        passcode: Uuid,
    },
}

/// Shows only the kind of mail: addresses and passcodes are secret.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OneTimePasscode { .. } => f.write_str("OneTimePasscode"),
        }
    }
}

impl Mail {
    /// The address it goes to.
    #[must_use]
    pub fn to(&self) -> &str {
        match self {
            Self::OneTimePasscode { to, .. } => to,
        }
    }
}
