//! The `{user}` of a path: its forms, and which callers may resolve it (docs/api/users.md#user-path-parameter).

use uuid::Uuid;

use super::session::Caller;
use crate::domain::ids::parse_uuid;
use crate::domain::user::User;
use crate::rbac::{Action, Object, authorize};
use crate::storage::{Lookup, Records, StorageError};

/// How a path names a user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UserRef {
    /// `me`, in lower case.
    Me,
    /// A UUID in one of its four forms; finds deleted users too.
    Id(Uuid),
    /// A username, here lower-cased; finds no deleted users.
    Name(String),
}

/// Why the user of a path is not found.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// There is no such user, or the caller may not read the user.
    #[error("no such user, or hidden")]
    Hidden,
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl UserRef {
    /// Reads a path segment, percent-decoded already.
    pub fn parse(segment: &str) -> Self {
        if segment == "me" {
            return Self::Me;
        }
        parse_uuid(segment).map_or_else(|| Self::Name(segment.to_ascii_lowercase()), Self::Id)
    }

    /// What must be read to resolve it, beyond the caller.
    pub fn lookup(&self) -> Option<Lookup> {
        match self {
            Self::Me => None,
            Self::Id(id) => Some(Lookup::User(*id)),
            Self::Name(name) => Some(Lookup::Username(name.clone())),
        }
    }

    /// The user of that reference, without a permission check.
    pub fn find(&self, caller: &Caller, records: &Records) -> Result<Option<User>, StorageError> {
        let found = match self {
            Self::Me => return Ok(Some(caller.user.clone())),
            Self::Id(id) => records.user(*id)?,
            Self::Name(name) => records.username(name)?,
        };
        // The caller as this request changed the record: `last_seen_at` may be newer.
        Ok(found.map(|user| if user.id == caller.user.id { caller.user.clone() } else { user }))
    }

    /// The user of that reference, if the caller may read the user.
    pub fn resolve(&self, caller: &Caller, records: &Records) -> Result<User, TargetError> {
        self.find(caller, records)?
            .filter(|user| authorize(&caller.subject, Action::Read, &Object::user(user.id)))
            .ok_or(TargetError::Hidden)
    }
}
