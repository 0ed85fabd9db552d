//! API keys and tokens on the wire (docs/api/api-keys.md).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::token::Token;
use crate::domain;
use crate::domain::time::Timestamp;
use crate::rbac::legacy_scope;
use crate::service::api_keys::{ListedToken, NewToken};

/// A key without its secret. No member is ever left out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ApiKey {
    /// Ten characters.
    pub id: String,
    /// The owner.
    pub user_id: Uuid,
    /// [`Timestamp::EPOCH`] until first used.
    pub last_used: Timestamp,
    /// When the key expires or expired.
    pub expires_at: Timestamp,
    /// When the key was created.
    pub created_at: Timestamp,
    /// Equal to `created_at`.
    pub updated_at: Timestamp,
    /// `password`, `github`, `oidc` or `token`.
    pub login_type: &'static str,
    /// `all`, `application_connect` or empty. Old clients read it.
    pub scope: &'static str,
    /// Canonical names of scopes.
    pub scopes: Vec<String>,
    /// Empty for sessions.
    pub token_name: String,
    /// In seconds. The request has nanoseconds.
    pub lifetime_seconds: i64,
    /// `type:id` entries.
    pub allow_list: Vec<String>,
}

impl From<domain::api_key::ApiKey> for ApiKey {
    fn from(key: domain::api_key::ApiKey) -> Self {
        Self {
            scope: legacy_scope(&key.scopes),
            id: key.id,
            user_id: key.user_id,
            last_used: key.last_used,
            expires_at: key.expires_at,
            created_at: key.created_at,
            updated_at: key.updated_at,
            login_type: key.key_type.as_str(),
            scopes: key.scopes,
            token_name: key.token_name,
            lifetime_seconds: key.lifetime_seconds,
            allow_list: key.allow_list,
        }
    }
}

/// A token in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ApiKeyWithOwner {
    #[serde(flatten)]
    key: ApiKey,
    /// The owner's username.
    pub username: String,
}

impl From<ListedToken> for ApiKeyWithOwner {
    fn from(token: ListedToken) -> Self {
        Self { key: token.key.into(), username: token.username }
    }
}

/// The request for a new token.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CreateTokenRequest {
    /// In nanoseconds.
    lifetime: i64,
    token_name: String,
    scopes: Vec<String>,
    /// Used only without `scopes`. Old clients send it.
    scope: String,
    allow_list: Vec<String>,
}

impl From<CreateTokenRequest> for NewToken {
    fn from(body: CreateTokenRequest) -> Self {
        let mut scopes = body.scopes;
        if scopes.is_empty() && !body.scope.is_empty() {
            scopes.push(body.scope);
        }
        Self { lifetime_ns: body.lifetime, name: body.token_name, scopes, allow_list: body.allow_list }
    }
}

/// A new key with its secret. No other answer contains the secret.
#[derive(Clone, Serialize)]
pub struct GenerateApiKeyResponse {
    /// `<id>-<secret>`.
    pub key: String,
}

impl From<Token> for GenerateApiKeyResponse {
    fn from(token: Token) -> Self {
        Self { key: token.reveal() }
    }
}

/// The limit on the lifetime of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct TokenConfig {
    /// In nanoseconds.
    pub max_token_lifetime: u64,
}

/// The scopes that a client may request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct ExternalApiKeyScopes {
    /// In byte order.
    pub external: &'static [&'static str],
}
