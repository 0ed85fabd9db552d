//! The one way to create a user. The use cases decide who may create which user, and then call it.

use std::sync::Arc;

use uuid::Uuid;

use super::audit::AuditLog;
use super::git_ssh_keys::SshKeyGenerator;
use super::session::Caller;
use crate::auth::git_ssh_key::KeyPairError;
use crate::auth::password::{HashError, Hasher};
use crate::clock::Random;
use crate::domain::audit::{AuditAction, AuditEntry, AuditedChange, AuditedResource, Origin};
use crate::domain::names::{Email, Username};
use crate::domain::organization::{Membership, Organization};
use crate::domain::time::Timestamp;
use crate::domain::user::{LoginType, User, UserStatus};
use crate::storage::{CreateUserConflict, StorageError, Store, Write};

/// Length of the passwords that the service generates: 119 bits.
pub(super) const GENERATED_PASSWORD_LENGTH: usize = 20;
/// How often another UUID is tried because the short id of the last one was taken.
const SHORT_ID_ATTEMPTS: u32 = 5;

/// Who creates a user.
#[derive(Clone, Copy)]
pub(super) enum Creator<'a> {
    /// A user with an API key.
    Caller(&'a Caller),
    /// The first user, by a request without an API key.
    FirstUser(&'a Origin),
    /// The operator, by the invocation of this id.
    Operator(Uuid),
}

/// The organizations that a new user joins.
pub(super) enum InitialOrganizations {
    /// These, which must exist.
    Existing(Vec<Uuid>),
    /// The first organization, which is created together with the first user.
    First(Organization),
}

impl InitialOrganizations {
    fn memberships(&self, now: Timestamp) -> Vec<Membership> {
        match self {
            Self::Existing(ids) => ids.iter().map(|id| Membership::new(*id, now)).collect(),
            Self::First(organization) => vec![Membership::new(organization.id, now)],
        }
    }
}

/// A user to create. Its values are checked, and the creator may create it.
pub(super) struct NewUserRecord<'a> {
    /// Unique.
    pub(super) username: &'a Username,
    /// Unique; missing for service accounts.
    pub(super) email: Option<&'a Email>,
    /// The real name; may be empty.
    pub(super) name: &'a str,
    /// The status to begin with.
    pub(super) status: UserStatus,
    /// How the user signs in.
    pub(super) login_type: LoginType,
    /// In the clear; present for the login type `password` alone.
    pub(super) password: Option<&'a str>,
    /// Whether the user must choose another password after the first login.
    pub(super) password_is_temporary: bool,
    /// A user for machines.
    pub(super) is_service_account: bool,
    /// Names of site roles.
    pub(super) roles: Vec<String>,
    /// The organizations to join.
    pub(super) organizations: InitialOrganizations,
    /// The moment of creation.
    pub(super) now: Timestamp,
}

impl NewUserRecord<'_> {
    fn user(&self, id: Uuid) -> User {
        User {
            id,
            username: self.username.as_str().to_owned(),
            email: self.email.map(|email| email.as_str().to_owned()).unwrap_or_default(),
            name: self.name.to_owned(),
            avatar_url: String::new(),
            created_at: self.now,
            updated_at: self.now,
            last_seen_at: Timestamp::NEVER,
            status: self.status,
            login_type: self.login_type,
            is_service_account: self.is_service_account,
            roles: self.roles.clone(),
            memberships: self.organizations.memberships(self.now),
            deleted: false,
            password_is_temporary: self.password_is_temporary,
            key_generation: 0,
            authz_version: 0,
            version: 0,
        }
    }
}

/// Why a user was not stored.
#[derive(Debug, thiserror::Error)]
pub(super) enum NewUserError {
    /// The table holds something that excludes the user, or storage failed.
    #[error(transparent)]
    Conflict(#[from] CreateUserConflict),
    /// The password was not hashed.
    #[error("the password cannot be hashed")]
    Hash(#[from] HashError),
    /// The git SSH key was not generated.
    #[error("no SSH key pair could be made")]
    KeyPair(#[from] KeyPairError),
}

/// Creates users with their password, git SSH key, memberships and audit entry.
#[derive(Clone)]
pub(crate) struct UserCreator {
    pub(crate) store: Store,
    pub(crate) random: Arc<Random>,
    pub(crate) hasher: Arc<Hasher>,
    pub(crate) audit: AuditLog,
    pub(crate) ssh_keys: SshKeyGenerator,
}

impl UserCreator {
    /// Creates the user in one transaction, under a UUID whose short id is free.
    pub(super) async fn create(&self, creator: Creator<'_>, new: &NewUserRecord<'_>) -> Result<User, NewUserError> {
        let hash = new.password.map(|password| self.hasher.hash(password, self.random.bytes())).transpose()?;
        let first_organization = match &new.organizations {
            InitialOrganizations::Existing(_) => None,
            InitialOrganizations::First(organization) => Some(organization),
        };
        for _ in 0..SHORT_ID_ATTEMPTS {
            let user = new.user(self.random.uuid());
            let key = self.ssh_keys.generate(user.id, new.now)?;
            let write = self.write(creator, &user, hash.is_some());
            match self.store.create_user(&user, hash.as_ref(), &key, first_organization, &write).await {
                Ok(()) => return Ok(user),
                Err(CreateUserConflict::ShortId) => {}
                Err(conflict) => return Err(conflict.into()),
            }
        }
        Err(CreateUserConflict::from(StorageError::Contention).into())
    }

    fn write(&self, creator: Creator<'_>, user: &User, has_password: bool) -> Write {
        let secret = has_password.then_some(AuditedChange::Secret("hashed_password"));
        let mut changes = AuditedChange::of_user(None, user);
        changes.extend(secret.clone());
        match creator {
            Creator::Caller(caller) => {
                caller.write(AuditEntry { changes, ..self.audit.entry_for_user(caller, user, AuditAction::Create) })
            }
            Creator::FirstUser(origin) => Write::by_credential(AuditEntry {
                resource_id: user.id,
                target: user.username.clone(),
                actor: Some(user.id),
                changes,
                ..self.audit.entry(user.created_at, origin, (AuditAction::Create, AuditedResource::User))
            }),
            Creator::Operator(invocation) => Write::by_operator(AuditEntry {
                changes: secret.into_iter().collect(),
                ..self.audit.entry_for_operator(invocation, user, AuditAction::Create, user.created_at)
            }),
        }
    }
}
