//! Users: the record of a user, status, login type, and the rules that depend on the record alone.

use uuid::Uuid;

use super::organization::Membership;
use super::time::Timestamp;
use super::wire_names::wire_names;

wire_names! {
    /// Whether a user may sign in (docs/api/users.md#user-status).
    pub enum UserStatus {
        /// May sign in.
        Active = "active",
        /// Was never seen, or not for a long time. Becomes active by signing in.
        Dormant = "dormant",
        /// May not sign in and not use existing keys.
        Suspended = "suspended",
    }
}

wire_names! {
    /// How a user signs in.
    pub enum LoginType {
        /// With a password.
        Password = "password",
        /// With GitHub.
        Github = "github",
        /// With OpenID Connect.
        Oidc = "oidc",
        /// The user cannot sign in. Only tokens that another user created give access.
        None = "none",
    }
}

/// The name of the site role owner. The last user who has it cannot be removed.
pub const OWNER: &str = "owner";

/// The name of the site role that every user has. It is implied and never stored.
pub const MEMBER: &str = "member";

/// The username of Coder's system user. Roster has no such user and reserves the name (docs/api/users.md#system-user).
pub const SYSTEM_USERNAME: &str = "prebuilds";

/// One user as the table stores it, deleted users included. Use cases read and write this type, because the conditions
/// of a write need fields that no other representation has: versions, memberships with roles, and the key generation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// Random version 4 UUID. Its first 35 bits are part of the partition key.
    pub id: Uuid,
    /// As given. Unique regardless of case among users that are not deleted.
    pub username: String,
    /// As given; empty for service accounts only.
    pub email: String,
    /// Real name, may be empty.
    pub name: String,
    /// May be empty.
    pub avatar_url: String,
    /// When the user was created.
    pub created_at: Timestamp,
    /// When profile, status or `last_seen_at` were last written.
    pub updated_at: Timestamp,
    /// [`Timestamp::NEVER`] until the user is first seen. Written at most once an hour, so it lags behind the last
    /// request.
    pub last_seen_at: Timestamp,
    /// Whether the user may sign in.
    pub status: UserStatus,
    /// How the user signs in.
    pub login_type: LoginType,
    /// A user for machines, without e-mail address and password.
    pub is_service_account: bool,
    /// Stored site roles by name, without the implied `member`.
    pub roles: Vec<String>,
    /// Organizations in the order in which they were joined.
    pub memberships: Vec<Membership>,
    /// Deleted users stay readable by id.
    pub deleted: bool,
    /// Another user chose the password. Clients ask the user to choose a new one, but the server does not require it.
    pub password_is_temporary: bool,
    /// Keys of an older generation are invalid, so one write of this field ends every session.
    pub key_generation: u64,
    /// Incremented when the permissions of the user may have changed: by status, roles, deletion or key generation.
    pub authz_version: u64,
    /// Incremented by every write of the record.
    pub version: u64,
}

impl User {
    /// Whether the stored site roles contain `owner`.
    pub fn is_owner(&self) -> bool {
        self.roles.iter().any(|role| role == OWNER)
    }

    /// The name of the user in a mail: the real name, or the username without one.
    pub fn greeting(&self) -> &str {
        if self.name.is_empty() { &self.username } else { &self.name }
    }

    /// Whether the user takes a seat: active users except service accounts do (docs/api/dormancy.md#seats).
    pub fn has_seat(&self) -> bool {
        self.status == UserStatus::Active && !self.deleted && !self.is_service_account
    }

    /// The ids of the user's organizations in the order in which they were joined.
    pub fn organization_ids(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.memberships.iter().map(|membership| membership.organization_id)
    }

    /// The user with another status. `now` becomes `updated_at`.
    #[must_use]
    pub fn with_status(mut self, status: UserStatus, now: Timestamp) -> Self {
        self.status = status;
        self.updated_at = now;
        self.authz_version += 1;
        self
    }

    /// The user with the status active.
    #[must_use]
    pub fn activated(self, now: Timestamp) -> Self {
        Self { last_seen_at: now, ..self.with_status(UserStatus::Active, now) }
    }

    /// The user after a change of the password, which invalidates all API keys.
    #[must_use]
    pub fn with_password(mut self, is_temporary: bool) -> Self {
        self.password_is_temporary = is_temporary;
        self.key_generation += 1;
        self.authz_version += 1;
        self
    }

    /// The user after deletion, which invalidates all API keys and removes all memberships.
    #[must_use]
    pub fn deleted(mut self) -> Self {
        self.deleted = true;
        self.memberships.clear();
        self.key_generation += 1;
        self.authz_version += 1;
        self
    }
}
