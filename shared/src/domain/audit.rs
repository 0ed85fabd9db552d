//! Entries of the audit log: actor, action, target, origin and status of a request (docs/api/audit-log.md).

use serde_json::{Value, json};
use uuid::Uuid;

use super::api_key::ApiKey;
use super::time::Timestamp;
use super::user::User;
use crate::domain::wire_names::wire_names;

/// The origin of a request, and the status of its success. Text from the client is stored unchanged, but cut to a bounded
/// length.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Origin {
    /// The id of the request; nil if no request caused the entry.
    pub request_id: Uuid,
    /// The address of the client that the gateway saw; empty if unknown.
    pub ip_address: String,
    /// The header `User-Agent`; empty if the client sent none.
    pub user_agent: String,
    /// The status with which a success is answered.
    pub success_status: u16,
}

impl Origin {
    /// The most bytes of a stored user agent.
    const MAX_USER_AGENT_BYTES: usize = 512;

    /// An origin. Cuts the user agent to its maximum length.
    pub fn new(request_id: Uuid, ip_address: &str, user_agent: &str) -> Self {
        let mut end = user_agent.len().min(Self::MAX_USER_AGENT_BYTES);
        while !user_agent.is_char_boundary(end) {
            end -= 1;
        }
        let (ip_address, user_agent) = (ip_address.to_owned(), user_agent[..end].to_owned());
        Self { request_id, ip_address, user_agent, success_status: AuditEntry::STATUS_WITHOUT_REQUEST }
    }

    /// The origin of an action that no HTTP request causes. `invocation` takes the place of the request id.
    pub fn without_request(invocation: Uuid) -> Self {
        Self::new(invocation, "", "")
    }
}

wire_names! {
    /// The audited action.
    pub enum AuditAction {
        /// A resource was created.
        Create = "create",
        /// A resource was changed.
        Write = "write",
        /// A resource was deleted.
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
    /// The type of the target of an action.
    pub enum AuditedResource {
        /// A user.
        User = "user",
        /// A session or a token.
        ApiKey = "api_key",
        /// A ticket to change the login type.
        ConvertLogin = "convert_login",
        /// The git SSH key of a user.
        GitSshKey = "git_ssh_key",
        /// The membership of a user in an organization.
        OrganizationMember = "organization_member",
    }
}

/// A changed field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AuditedChange {
    /// A secret field. The entry names it without its values.
    Secret(&'static str),
    /// A field with its old and new value; `null` for no value.
    Value(&'static str, Value, Value),
}

impl AuditedChange {
    /// The name of the field. It is the name of Coder's column.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Secret(field) | Self::Value(field, ..) => field,
        }
    }

    /// The tracked fields of a new API key (docs/api/audit-log.md#tracked-fields).
    pub fn of_key(key: &ApiKey) -> Vec<Self> {
        let fields = [
            ("user_id", json!(key.user_id)),
            ("last_used", json!(key.last_used)),
            ("expires_at", json!(key.expires_at)),
            ("created_at", json!(key.created_at)),
        ];
        fields.into_iter().map(|(field, value)| Self::Value(field, Value::Null, value)).collect()
    }

    /// The tracked fields in which two states of a user differ (docs/api/audit-log.md#tracked-fields). A new user is
    /// compared with a user whose fields are all empty.
    pub fn of_user(before: Option<&User>, after: &User) -> Vec<Self> {
        let new = tracked(after);
        let old = before.map_or_else(|| new.clone().map(|(field, value)| (field, blank(&value))), tracked);
        let pairs = old.into_iter().zip(new);
        pairs.filter(|(old, new)| old != new).map(|((field, old), (_, new))| Self::Value(field, old, new)).collect()
    }
}

/// The tracked fields of a user.
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

/// The empty value of the same JSON type.
fn blank(value: &Value) -> Value {
    match value {
        Value::String(_) => json!(""),
        Value::Bool(_) => json!(false),
        Value::Array(_) => json!([]),
        _ => Value::Null,
    }
}

/// One entry. Its key in the table is made from `id` and `at`, so a repeated write of the same event changes nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditEntry {
    /// The id of the entry.
    pub id: Uuid,
    /// The time of the event.
    pub at: Timestamp,
    /// The origin of the request.
    pub origin: Origin,
    /// The action.
    pub action: AuditAction,
    /// The type of the target.
    pub resource: AuditedResource,
    /// The id of the target; nil if it has none.
    pub resource_id: Uuid,
    /// The name of the target, such as a username or the name of a token; may be empty.
    pub target: String,
    /// The acting user; `None` if unknown.
    pub actor: Option<Uuid>,
    /// The e-mail address of a sign-in attempt, if no user has it.
    pub attempted_email: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The changed fields; empty if the request was refused.
    pub changes: Vec<AuditedChange>,
    /// The background job that acted; empty for a request.
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
    fn every_name_parses_to_its_variant() {
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
