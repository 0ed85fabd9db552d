//! Break-glass: what an operator does who may invoke the `admin` function, and maybe may do nothing else any more
//! (docs/api/passwords.md#break-glass; docs/decisions/0017).

use std::sync::Arc;

use uuid::Uuid;

use super::CONTENTION_ATTEMPTS;
use super::audit::AuditLog;
use super::git_ssh_keys::SshKeyGenerator;
use super::users::create::{GENERATED_PASSWORD_LENGTH, blank_user};
use crate::auth::git_ssh_key::KeyPairError;
use crate::auth::password::{HashError, Hasher};
use crate::auth::password_policy::{self, WeakPassword};
use crate::clock::{Clock, Random};
use crate::domain::audit::{AuditAction, AuditRow, AuditedChange, AuditedResource, Origin};
use crate::domain::names::{Email, Username};
use crate::domain::organization::{Membership, Organization};
use crate::domain::time::Timestamp;
use crate::domain::user::{LoginType, OWNER, SYSTEM_USERNAME, User, UserStatus};
use crate::storage::{CreateUserConflict, Lookup, StorageError, Store, UpdateUserConflict, Write};

/// How an operator names an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Account {
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
    /// The account as it is now.
    pub user: User,
    /// The password that the service chose; shown this once.
    pub chosen_password: Option<String>,
    /// What still keeps the account from signing in.
    pub obstacles: Vec<&'static str>,
}

/// Why nothing was done. None of these repeats a password.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// Nobody, or somebody who is deleted.
    #[error("there is no such user")]
    NoSuchUser,
    /// No password would let anybody into the account.
    #[error("the account's login type is {}, so no password signs it in: create another owner with create-owner", .0.as_str())]
    LoginType(LoginType),
    /// Attempts are counted by address.
    #[error("the account has no e-mail address, so it is never locked")]
    NoAddress,
    /// Somebody who is not deleted has the username.
    #[error("the username is taken")]
    UsernameTaken,
    /// Somebody who is not deleted has the address.
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

/// Who acts, in the log.
const SUBSYSTEM: &str = "admin";

/// What an operator may do past the API (break-glass).
pub struct Operator {
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<Random>,
    hasher: Arc<Hasher>,
    audit: AuditLog,
    ssh_keys: SshKeyGenerator,
    passwords_are_disabled: bool,
}

impl Operator {
    pub(crate) fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        random: Arc<Random>,
        hasher: Arc<Hasher>,
        audit: AuditLog,
        ssh_keys: SshKeyGenerator,
        passwords_are_disabled: bool,
    ) -> Self {
        Self { store, clock, random, hasher, audit, ssh_keys, passwords_are_disabled }
    }

    /// Gives an account another password, which ends all of its sessions and tokens, the passcode that was asked for, and
    /// the lockout. Whoever signs in with it is asked to choose another one. Its status stays.
    pub async fn reset_password(
        &self,
        account: &Account,
        password: Option<String>,
        invocation: Uuid,
    ) -> Result<OperatorReport, OperatorError> {
        let (password, chosen_password) = self.given_or_chosen(password)?;
        let hash = self.hasher.hash(&password, self.random.bytes())?;
        let now = self.clock.now();
        let row = self.operator_row(now, AuditAction::Write, invocation);
        for _ in 0..CONTENTION_ATTEMPTS {
            let user = self.account(account).await?;
            if user.login_type != LoginType::Password {
                return Err(OperatorError::LoginType(user.login_type));
            }
            let successor = user.clone().with_password(true);
            let row = AuditRow { changes: vec![AuditedChange::Secret("hashed_password")], ..about(&row, &user) };
            match self.store.reset_password(&user, &successor, &hash, &Write::by_operator(row)).await {
                Ok(()) => return Ok(self.report(successor, chosen_password)),
                Err(conflict) => look_again(conflict)?,
            }
        }
        Err(StorageError::Contention.into())
    }

    /// Creates an owner, dormant as every new user is, in the default organization. Where nobody was created yet, the
    /// owner is the first user, and the organization comes along.
    pub async fn create_owner(&self, new: NewOwner, invocation: Uuid) -> Result<OperatorReport, OperatorError> {
        if new.username.folded() == SYSTEM_USERNAME {
            return Err(OperatorError::UsernameTaken);
        }
        let (password, chosen_password) = self.given_or_chosen(new.password)?;
        let hash = self.hasher.hash(&password, self.random.bytes())?;
        let now = self.clock.now();
        let row = self.operator_row(now, AuditAction::Create, invocation);
        for _ in 0..CONTENTION_ATTEMPTS {
            let records = self.store.read(&[Lookup::FirstUser, Lookup::DefaultOrganization]).await?;
            let beginning = (!records.has_first_user()).then(|| Organization::first(self.random.uuid(), now));
            let organization = beginning.clone().map_or_else(|| records.default_organization(), |it| Ok(Some(it)))?;
            let owner = User {
                roles: vec![OWNER.to_owned()],
                memberships: organization.iter().map(|it| Membership::new(it.id, now)).collect(),
                email: new.email.as_str().to_owned(),
                password_is_temporary: true,
                ..blank_user(self.random.uuid(), &new.username, now)
            };
            let key = self.ssh_keys.generate(owner.id, now)?;
            let row = AuditRow { changes: vec![AuditedChange::Secret("hashed_password")], ..about(&row, &owner) };
            match self.store.create_owner(&owner, &hash, &key, beginning.as_ref(), &Write::by_operator(row)).await {
                Ok(()) => return Ok(self.report(owner, chosen_password)),
                Err(CreateUserConflict::Username) => return Err(OperatorError::UsernameTaken),
                Err(CreateUserConflict::Email) => return Err(OperatorError::EmailTaken),
                // Somebody was quicker, or another id is needed: once more.
                Err(
                    CreateUserConflict::FirstUser
                    | CreateUserConflict::ShortId
                    | CreateUserConflict::Organization
                    | CreateUserConflict::Storage(StorageError::Contention),
                ) => {}
                Err(CreateUserConflict::Storage(error)) => return Err(error.into()),
            }
        }
        Err(StorageError::Contention.into())
    }

    /// Forgets what was counted against an account, so that its password is looked at again.
    pub async fn unlock(&self, account: &Account, invocation: Uuid) -> Result<OperatorReport, OperatorError> {
        let row = self.operator_row(self.clock.now(), AuditAction::Write, invocation);
        for _ in 0..CONTENTION_ATTEMPTS {
            let user = self.account(account).await?;
            if user.email.is_empty() {
                return Err(OperatorError::NoAddress);
            }
            match self.store.unlock(&user, &Write::by_operator(about(&row, &user))).await {
                Ok(()) => return Ok(self.report(user, None)),
                Err(conflict) => look_again(conflict)?,
            }
        }
        Err(StorageError::Contention.into())
    }

    async fn account(&self, account: &Account) -> Result<User, OperatorError> {
        let found = match account {
            Account::Username(name) => self.store.read(&[Lookup::Username(name.clone())]).await?.username(name)?,
            Account::Id(id) => self.store.lookup_user(*id).await?,
            Account::Email(email) => match self.store.read(&[Lookup::Email(email.clone())]).await?.email(email)? {
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

    fn operator_row(&self, now: Timestamp, action: AuditAction, invocation: Uuid) -> AuditRow {
        let origin = Origin { request_id: invocation, ..Origin::default() };
        AuditRow { subsystem: SUBSYSTEM, ..self.audit.row(now, &origin, (action, AuditedResource::User), 200) }
    }

    fn report(&self, user: User, chosen_password: Option<String>) -> OperatorReport {
        let mut obstacles = Vec::new();
        if user.status == UserStatus::Suspended {
            obstacles.push("the account is suspended, and signs in once it is activated");
        }
        if user.login_type != LoginType::Password {
            obstacles.push("the account does not sign in with a password");
        } else if self.passwords_are_disabled {
            obstacles.push("signing in with a password is switched off for everybody");
        }
        OperatorReport { user, chosen_password, obstacles }
    }
}

fn about(row: &AuditRow, user: &User) -> AuditRow {
    AuditRow { resource_id: user.id, target: user.username.clone(), ..row.clone() }
}

/// The account changed since it was read: once more from the start.
fn look_again(conflict: UpdateUserConflict) -> Result<(), StorageError> {
    match conflict {
        UpdateUserConflict::Storage(StorageError::Contention)
        // Nothing here renames anybody or takes a role.
        | UpdateUserConflict::Username
        | UpdateUserConflict::LastOwner => Ok(()),
        UpdateUserConflict::Storage(error) => Err(error),
    }
}
