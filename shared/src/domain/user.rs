//! A user account: its record, its status, how it signs in, and the rules that need nothing else.

use uuid::Uuid;

use super::organization::Membership;
use super::time::Timestamp;
use super::wire_names::wire_names;

wire_names! {
    /// Whether an account may sign in (docs/api/users.md#user-status).
    pub enum UserStatus {
        /// Normal.
        Active = "active",
        /// Never used, or unused for long; becomes active by signing in.
        Dormant = "dormant",
        /// May not authenticate.
        Suspended = "suspended",
    }
}

wire_names! {
    /// How a user signs in.
    pub enum LoginType {
        /// With a password kept here.
        Password = "password",
        /// With a GitHub account.
        Github = "github",
        /// With an OpenID provider.
        Oidc = "oidc",
        /// Not at all: only by tokens that another user made.
        None = "none",
    }
}

/// The name of the site role that may do everything; the last one who holds it cannot be removed.
pub const OWNER: &str = "owner";

/// The site role that every user holds: it is implied, so it is never stored.
pub const MEMBER: &str = "member";

/// The reference's built-in system account: never stored, its username never free (docs/api/users.md#system-user).
pub const SYSTEM_USERNAME: &str = "prebuilds";

/// One account as it is stored, deleted ones included.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct User {
    /// Random version 4 UUID; its first 35 bits name the user's partition.
    pub id: Uuid,
    /// As given at creation, unique regardless of case among users that are not deleted.
    pub username: String,
    /// As given; empty for service accounts only.
    pub email: String,
    /// Real name, may be empty.
    pub name: String,
    /// May be empty.
    pub avatar_url: String,
    /// Creation.
    pub created_at: Timestamp,
    /// Creation, profile, status, and every refresh of `last_seen_at`.
    pub updated_at: Timestamp,
    /// [`Timestamp::NEVER`] until first seen; then at most about an hour old while in use.
    pub last_seen_at: Timestamp,
    /// Whether the account may sign in.
    pub status: UserStatus,
    /// How the account signs in.
    pub login_type: LoginType,
    /// An account for machines: no e-mail, no password.
    pub is_service_account: bool,
    /// Stored site roles by name, without the implied `member`.
    pub roles: Vec<String>,
    /// Organizations in the order in which they were joined.
    pub memberships: Vec<Membership>,
    /// Deleted users stay readable by id.
    pub deleted: bool,
    /// Another user chose the password. The user is asked, not forced, to choose another one.
    pub password_is_temporary: bool,
    /// Keys of an older generation are dead: one write ends every session.
    pub key_generation: u64,
    /// Grows whenever what the user may do can have changed: status, roles, deletion, generation.
    pub authz_version: u64,
    /// Grows with every write of the record.
    pub version: u64,
}

impl User {
    /// Whether the stored site roles contain `owner`.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.roles.iter().any(|role| role == OWNER)
    }

    /// What a mail calls the user: the real name, or the username.
    #[must_use]
    pub fn greeting(&self) -> &str {
        if self.name.is_empty() { &self.username } else { &self.name }
    }

    /// Whether the user takes a seat: people who are active do (docs/api/dormancy.md#seats).
    #[must_use]
    pub fn has_seat(&self) -> bool {
        self.status == UserStatus::Active && !self.deleted && !self.is_service_account
    }

    /// The ids of the user's organizations in the order in which they were joined.
    pub fn organization_ids(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.memberships.iter().map(|membership| membership.organization_id)
    }

    /// The user with another status; `now` becomes `updated_at`.
    #[must_use]
    pub fn with_status(mut self, status: UserStatus, now: Timestamp) -> Self {
        self.status = status;
        self.updated_at = now;
        self.authz_version += 1;
        self
    }

    /// The dormant user who was just seen.
    #[must_use]
    pub fn activated(self, now: Timestamp) -> Self {
        Self { last_seen_at: now, ..self.with_status(UserStatus::Active, now) }
    }

    /// The user with another password, whose API keys are all dead.
    #[must_use]
    pub fn with_password(mut self, is_temporary: bool) -> Self {
        self.password_is_temporary = is_temporary;
        self.key_generation += 1;
        self.authz_version += 1;
        self
    }

    /// The user whose API keys are all dead and whose username, e-mail and memberships are given up.
    #[must_use]
    pub fn deleted(mut self) -> Self {
        self.deleted = true;
        self.memberships.clear();
        self.key_generation += 1;
        self.authz_version += 1;
        self
    }
}
