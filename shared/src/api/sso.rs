//! The change to another login type on the wire (docs/api/single-sign-on.md#conversion-of-a-login-type).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::fields::{Fields, InvalidFields};
use super::json::verbatim;
use crate::domain::time::Timestamp;
use crate::service::sso::{Conversion, IssuedTicket};

/// The request to change to sign-in through a provider.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ConvertLoginRequest {
    to_type: String,
    #[serde(deserialize_with = "verbatim")]
    password: String,
}

impl TryFrom<ConvertLoginRequest> for Conversion {
    type Error = InvalidFields;

    fn try_from(body: ConvertLoginRequest) -> Result<Self, InvalidFields> {
        let mut fields = Fields::default();
        let to_type = fields.required("to_type", body.to_type);
        let password = fields.required("password", body.password);
        match (to_type, password) {
            (Some(to_type), Some(password)) => Ok(Self { to_type, password }),
            _ => Err(fields.into_error()),
        }
    }
}

/// The part of a ticket that a client needs. The ticket itself is a cookie.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct OAuthConversionResponse {
    /// The client sends it to the callback of the provider as `oidc_merge_state`.
    pub state_string: String,
    /// When the ticket expires.
    pub expires_at: Timestamp,
    /// The new login type.
    pub to_type: &'static str,
    /// The user.
    pub user_id: Uuid,
}

impl From<IssuedTicket> for OAuthConversionResponse {
    fn from(IssuedTicket { ticket, .. }: IssuedTicket) -> Self {
        Self {
            state_string: ticket.state,
            expires_at: ticket.expires_at,
            to_type: ticket.to.as_str(),
            user_id: ticket.user_id,
        }
    }
}
