//! Entries of the audit log: who did what to what, from where, and how it was answered (docs/api/audit-log.md).

use serde_json::{Value, json};
use uuid::Uuid;

use super::api_key::ApiKey;
use super::time::Timestamp;
use super::user::User;
use crate::domain::wire_names::wire_names;

/// Where a request comes from, and the status of its success. Text from the client is kept as it came, cut to a bounded
/// length.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Origin {
    /// The request's id; nil when no request caused the entry.
    pub request_id: Uuid,
    /// The client's address as the gateway saw it; empty when unknown.
    pub ip_address: String,
    /// The client's own name for itself; empty when it gave none.
    pub user_agent: String,
    /// The status with which a success is answered.
    pub success_status: u16,
}

impl Origin {
    /// The most bytes kept of a user agent.
    const MAX_USER_AGENT_BYTES: usize = 512;

    /// An origin whose user agent is cut to what is kept.
    #[must_use]
    pub fn new(request_id: Uuid, ip_address: &str, user_agent: &str) -> Self {
        let mut end = user_agent.len().min(Self::MAX_USER_AGENT_BYTES);
        while !user_agent.is_char_boundary(end) {
            end -= 1;
        }
        let (ip_address, user_agent) = (ip_address.to_owned(), user_agent[..end].to_owned());
        Self { request_id, ip_address, user_agent, success_status: AuditEntry::STATUS_WITHOUT_REQUEST }
    }

    /// The origin of an action that no HTTP request causes. `invocation` takes the place of the request id.
    #[must_use]
    pub fn without_request(invocation: Uuid) -> Self {
        Self::new(invocation, "", "")
    }
}

wire_names! {
    /// What was done, by the names of the wire.
    pub enum AuditAction {
        /// Something was made.
        Create = "create",
        /// Something was changed.
        Write = "write",
        /// Something was deleted.
        Delete = "delete",
        /// A login, successful or not.
        Login = "login",
        /// A logout.
        Logout = "logout",
        /// A request for a passcode.
        RequestPasswordReset = "request_password_reset",
    }
}

wire_names! {
    /// What it was done to, by the names of the wire.
    pub enum AuditedResource {
        /// An account.
        User = "user",
        /// A session or a token.
        ApiKey = "api_key",
        /// A ticket to sign in another way.
        ConvertLogin = "convert_login",
        /// A user's pair of SSH keys for Git.
        GitSshKey = "git_ssh_key",
        /// The membership of a user in an organization.
        OrganizationMember = "organization_member",
    }
}

/// A field that a change touched. Values of secret fields are never part of a row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuditedChange {
    /// The field is secret: only that it changed is told.
    Secret(&'static str),
    /// The field was one value and is another; `null` for none.
    Value(&'static str, Value, Value),
}

impl AuditedChange {
    /// The field's name as the log has it: the reference's column.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Secret(field) | Self::Value(field, ..) => field,
        }
    }

    /// What the log tracks of a new API key (docs/api/audit-log.md#tracked-fields).
    #[must_use]
    pub fn of_key(key: &ApiKey) -> Vec<Self> {
        let fields = [
            ("user_id", json!(key.user_id)),
            ("last_used", json!(key.last_used)),
            ("expires_at", json!(key.expires_at)),
            ("created_at", json!(key.created_at)),
        ];
        fields.into_iter().map(|(field, value)| Self::Value(field, Value::Null, value)).collect()
    }

    /// What differs between two states of a user among what the log tracks (docs/api/audit-log.md#tracked-fields).
    /// Before a user there is the blank one: whatever he is not shows.
    #[must_use]
    pub fn of_user(before: Option<&User>, after: &User) -> Vec<Self> {
        let new = tracked(after);
        let old = before.map_or_else(|| new.clone().map(|(field, value)| (field, blank(&value))), tracked);
        let pairs = old.into_iter().zip(new);
        pairs.filter(|(old, new)| old != new).map(|((field, old), (_, new))| Self::Value(field, old, new)).collect()
    }
}

/// What the log tracks of a user.
fn tracked(user: &User) -> [(&'static str, Value); 9] {
    [
        ("id", json!(user.id)),
        ("email", json!(user.email)),
        ("username", json!(user.username)),
        ("status", json!(user.status.as_str())),
        ("rbac_roles", json!(user.roles)),
        ("login_type", json!(user.login_type.as_str())),
        ("deleted", json!(user.deleted)),
        ("name", json!(user.name)),
        ("is_service_account", json!(user.is_service_account)),
    ]
}

/// The zero value of the same kind.
fn blank(value: &Value) -> Value {
    match value {
        Value::String(_) => json!(""),
        Value::Bool(_) => json!(false),
        Value::Array(_) => json!([]),
        _ => Value::Null,
    }
}

/// One entry. `id` and `at` name it: the same event is written under the same name, however often it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditEntry {
    /// The entry's own id.
    pub id: Uuid,
    /// When it happened.
    pub at: Timestamp,
    /// Where the request came from.
    pub origin: Origin,
    /// What was done.
    pub action: AuditAction,
    /// To what kind of thing.
    pub resource: AuditedResource,
    /// To which one; nil when there is none.
    pub resource_id: Uuid,
    /// How people call it: a username, a token's name; may be empty.
    pub target: String,
    /// The user who acted; `None` when unknown.
    pub actor: Option<Uuid>,
    /// The address that was tried, if no user with it is known.
    pub attempted_email: String,
    /// The status of the answer.
    pub status: u16,
    /// What changed; empty for refusals.
    pub changes: Vec<AuditedChange>,
    /// The part of the service that acted by itself; empty for requests.
    pub subsystem: &'static str,
}

impl AuditEntry {
    /// The status of an action without an HTTP answer (docs/api/audit-log.md#fields-of-an-entry).
    pub const STATUS_WITHOUT_REQUEST: u16 = 200;
    /// The status of a login attempt before its answer is known. It stays only if the function crashes.
    pub const STATUS_UNANSWERED: u16 = 401;
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{AuditAction, AuditedResource, Origin};

    #[test]
    fn names_read_back() {
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::parse(action.as_str()), Some(*action));
        }
        for resource in AuditedResource::ALL {
            assert_eq!(AuditedResource::parse(resource.as_str()), Some(*resource));
        }
        assert_eq!(AuditAction::parse("Login"), None);
    }

    #[test]
    fn a_long_user_agent_is_cut_between_characters() {
        let origin = Origin::new(Uuid::nil(), "192.0.2.7", &"ü".repeat(400));
        assert_eq!(origin.user_agent, "ü".repeat(256));
        let odd = Origin::new(Uuid::nil(), "", &format!("x{}", "ü".repeat(400)));
        assert_eq!(odd.user_agent, format!("x{}", "ü".repeat(255)));
    }
}
