//! Break-glass: the actions of an operator who may invoke the `admin` function and perhaps can no longer sign in
//! (docs/api/passwords.md#break-glass; docs/decisions/0017).

use std::sync::Arc;

use uuid::Uuid;

use super::CONTENTION_ATTEMPTS;
use super::audit::AuditLog;
use super::user_creator::{
    Creator, GENERATED_PASSWORD_LENGTH, InitialOrganizations, NewUserError, NewUserRecord, UserCreator,
};
use crate::auth::git_ssh_key::KeyPairError;
use crate::auth::password::{HashError, Hasher};
use crate::auth::password_policy::{self, WeakPassword};
use crate::clock::{Clock, Random};
use crate::domain::audit::{AuditAction, AuditEntry, AuditedChange};
use crate::domain::names::{Email, Username};
use crate::domain::organization::Organization;
use crate::domain::user::{LoginType, OWNER, SYSTEM_USERNAME, User, UserStatus};
use crate::storage::{CreateUserConflict, Lookup, StorageError, Store, UpdateUserConflict, Write};

/// How an operator names a user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UserSelector {
    /// By username, lower-cased.
    Username(String),
    /// By e-mail address, lower-cased.
    Email(String),
    /// By id.
    Id(Uuid),
}

/// Another owner, as asked for.
#[derive(Clone)]
pub struct NewOwner {
    /// Unique.
    pub username: Username,
    /// Unique.
    pub email: Email,
    /// In the clear; the service chooses one where none is given.
    pub password: Option<String>,
}

/// What was done.
#[derive(Clone)]
pub struct OperatorReport {
    /// The user after the change.
    pub user: User,
    /// The password that the service chose; shown this once.
    pub chosen_password: Option<String>,
    /// What still prevents the user from signing in.
    pub obstacles: Vec<&'static str>,
}

/// Why nothing was done. None of these repeats a password.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// There is no such user, or the user is deleted.
    #[error("there is no such user")]
    NoSuchUser,
    /// The user does not sign in with a password.
    #[error("the user's login type is {}, so no password signs the user in: create another owner with create-owner", .0.as_str())]
    LoginType(LoginType),
    /// Attempts are counted by address.
    #[error("the user has no e-mail address, so the user is never locked")]
    NoAddress,
    /// Another user that is not deleted has the username.
    #[error("the username is taken")]
    UsernameTaken,
    /// Another user that is not deleted has the address.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// The policy refuses the password.
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    /// No hash could be made.
    #[error("the password cannot be hashed")]
    Hash(#[from] HashError),
    /// No SSH key pair could be made.
    #[error("no SSH key pair could be made")]
    KeyPair(#[from] KeyPairError),
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What an operator may do past the API (break-glass).
pub struct Operator {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<Random>,
    pub(crate) hasher: Arc<Hasher>,
    pub(crate) audit: AuditLog,
    pub(crate) creator: UserCreator,
    pub(crate) passwords_are_disabled: bool,
}

impl Operator {
    /// Gives a user another password, which ends all of the user's sessions and tokens, the passcode that was asked for, and
    /// the lockout. The user is asked to choose another one after the login. The status stays.
    pub async fn reset_password(
        &self,
        selector: &UserSelector,
        password: Option<String>,
        invocation: Uuid,
    ) -> Result<OperatorReport, OperatorError> {
        let (password, chosen_password) = self.given_or_chosen(password)?;
        let hash = self.hasher.hash(&password, self.random.bytes())?;
        let now = self.clock.now();
        for _ in 0..CONTENTION_ATTEMPTS {
            let user = self.find(selector).await?;
            if user.login_type != LoginType::Password {
                return Err(OperatorError::LoginType(user.login_type));
            }
            let successor = user.clone().with_password(true);
            let entry = AuditEntry {
                changes: vec![AuditedChange::Secret("hashed_password")],
                ..self.audit.entry_for_operator(invocation, &user, AuditAction::Write, now)
            };
            match self.store.reset_password(&user, &successor, &hash, &Write::by_operator(entry)).await {
                Ok(()) => return Ok(self.report(successor, chosen_password)),
                Err(conflict) => retry_change(conflict)?,
            }
        }
        Err(StorageError::Contention.into())
    }

    /// Creates an owner, dormant as every new user is, in the default organization. If there is no user yet, the
    /// owner is the first user, and the organization comes along.
    pub async fn create_owner(&self, new: NewOwner, invocation: Uuid) -> Result<OperatorReport, OperatorError> {
        if new.username.folded() == SYSTEM_USERNAME {
            return Err(OperatorError::UsernameTaken);
        }
        let (password, chosen_password) = self.given_or_chosen(new.password)?;
        let now = self.clock.now();
        for _ in 0..CONTENTION_ATTEMPTS {
            let records = self.store.read(&[Lookup::FirstUser, Lookup::DefaultOrganization]).await?;
            let organizations = if records.has_first_user() {
                let default = records.default_organization()?;
                InitialOrganizations::Existing(default.into_iter().map(|organization| organization.id).collect())
            } else {
                InitialOrganizations::First(Organization::first(self.random.uuid(), now))
            };
            let owner = NewUserRecord {
                username: &new.username,
                email: Some(&new.email),
                name: "",
                status: UserStatus::Dormant,
                login_type: LoginType::Password,
                password: Some(&password),
                password_is_temporary: true,
                is_service_account: false,
                roles: vec![OWNER.to_owned()],
                organizations,
                now,
            };
            match self.creator.create(Creator::Operator(invocation), &owner).await {
                Ok(owner) => return Ok(self.report(owner, chosen_password)),
                Err(error) => retry_creation(error)?,
            }
        }
        Err(StorageError::Contention.into())
    }

    /// Deletes the count of wrong passwords, so that the next password is verified.
    pub async fn unlock(&self, selector: &UserSelector, invocation: Uuid) -> Result<OperatorReport, OperatorError> {
        let now = self.clock.now();
        for _ in 0..CONTENTION_ATTEMPTS {
            let user = self.find(selector).await?;
            if user.email.is_empty() {
                return Err(OperatorError::NoAddress);
            }
            let entry = self.audit.entry_for_operator(invocation, &user, AuditAction::Write, now);
            match self.store.unlock(&user, &Write::by_operator(entry)).await {
                Ok(()) => return Ok(self.report(user, None)),
                Err(conflict) => retry_change(conflict)?,
            }
        }
        Err(StorageError::Contention.into())
    }

    async fn find(&self, selector: &UserSelector) -> Result<User, OperatorError> {
        let found = match selector {
            UserSelector::Username(name) => self.store.read(&[Lookup::Username(name.clone())]).await?.username(name)?,
            UserSelector::Id(id) => self.store.lookup_user(*id).await?,
            UserSelector::Email(email) => match self.store.read(&[Lookup::Email(email.clone())]).await?.email(email)? {
                Some(claim) => self.store.lookup_user(claim.user_id).await?,
                None => None,
            },
        };
        found.filter(|user| !user.deleted).ok_or(OperatorError::NoSuchUser)
    }

    /// The password to set, and the same once more where the service chose it.
    fn given_or_chosen(&self, given: Option<String>) -> Result<(String, Option<String>), WeakPassword> {
        if let Some(password) = given {
            return password_policy::check(&password).map(|()| (password, None));
        }
        let chosen = self.random.base62(GENERATED_PASSWORD_LENGTH);
        Ok((chosen.clone(), Some(chosen)))
    }

    fn report(&self, user: User, chosen_password: Option<String>) -> OperatorReport {
        let mut obstacles = Vec::new();
        if user.status == UserStatus::Suspended {
            obstacles.push("the user is suspended and can sign in after an activation");
        }
        if user.login_type != LoginType::Password {
            obstacles.push("the user does not sign in with a password");
        } else if self.passwords_are_disabled {
            obstacles.push("signing in with a password is switched off for all users");
        }
        OperatorReport { user, chosen_password, obstacles }
    }
}

/// Passes errors on that another attempt does not solve. The first user or the default organization may have come or gone
/// since they were read.
fn retry_creation(error: NewUserError) -> Result<(), OperatorError> {
    match error {
        NewUserError::Conflict(CreateUserConflict::Username) => Err(OperatorError::UsernameTaken),
        NewUserError::Conflict(CreateUserConflict::Email) => Err(OperatorError::EmailTaken),
        NewUserError::Conflict(
            CreateUserConflict::FirstUser
            | CreateUserConflict::ShortId
            | CreateUserConflict::Organization(_)
            | CreateUserConflict::Storage(StorageError::Contention),
        ) => Ok(()),
        NewUserError::Conflict(CreateUserConflict::Storage(error)) => Err(error.into()),
        NewUserError::Hash(error) => Err(error.into()),
        NewUserError::KeyPair(error) => Err(error.into()),
    }
}

/// Passes errors on that another attempt does not solve. The user changed since the read.
fn retry_change(conflict: UpdateUserConflict) -> Result<(), StorageError> {
    match conflict {
        UpdateUserConflict::Storage(StorageError::Contention)
        // Nothing here renames a user or takes a role.
        | UpdateUserConflict::Username
        | UpdateUserConflict::LastOwner => Ok(()),
        UpdateUserConflict::Storage(error) => Err(error),
    }
}
