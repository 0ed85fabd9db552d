//! Creating users: the first one, and every other (docs/api/users.md#first-user,
//! docs/api/users.md#creation-order-of-checks).

use uuid::Uuid;

use super::{Users, known_roles};
use crate::auth::git_ssh_key::KeyPairError;
use crate::auth::password::HashError;
use crate::auth::password_policy::{self, WeakPassword};
use crate::domain::audit::Origin;
use crate::domain::names::{Email, RealName, Username, excerpt};
use crate::domain::organization::Organization;
use crate::domain::user::{LoginType, OWNER, SYSTEM_USERNAME, User, UserStatus};
use crate::rbac::{Action, Object, ResourceType, SiteRole, authorize, may_assign};
use crate::service::session::{Caller, Prefetch};
use crate::service::user_creator::{
    Creator, GENERATED_PASSWORD_LENGTH, InitialOrganizations, NewUserError, NewUserRecord,
};
use crate::storage::{CreateUserConflict, Lookup, Records, StorageError};

/// The first user of a deployment, as a request describes it.
#[derive(Clone)]
pub struct FirstUser {
    /// Unique.
    pub email: Email,
    /// Unique.
    pub username: Username,
    /// May be empty.
    pub name: RealName,
    /// In the clear.
    pub password: String,
}

/// A user as a request describes it: well-formed, but not checked further.
#[derive(Clone)]
pub struct NewUser {
    /// Missing for service accounts.
    pub email: Option<Email>,
    /// Unique.
    pub username: Username,
    /// May be empty.
    pub name: RealName,
    /// In the clear; empty for none.
    pub password: String,
    /// The default is `password`; for service accounts, `none`.
    pub login_type: Requested<LoginType>,
    /// The default is `dormant`.
    pub status: Requested<UserStatus>,
    /// Each once, in the order of the request; the nil UUID means the default organization.
    pub organization_ids: Vec<Uuid>,
    /// A user for machines.
    pub is_service_account: bool,
    /// Names of site roles, unchecked.
    pub roles: Vec<String>,
    /// The service generates the password.
    pub generate_password: bool,
}

/// A value that a request chooses by name. An unknown name is refused in its place in the order of checks, not when the
/// body is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Requested<T> {
    /// The name is missing or empty.
    Default,
    /// The name of a value.
    Known(T),
    /// An excerpt of a name that has no value.
    Unknown(String),
}

impl<T> Requested<T> {
    /// Reads a name of the request.
    pub fn parse(name: &str, parse: impl FnOnce(&str) -> Option<T>) -> Self {
        if name.is_empty() {
            return Self::Default;
        }
        parse(name).map_or_else(|| Self::Unknown(excerpt(name)), Self::Known)
    }

    fn or_default(self, default: T) -> Result<T, String> {
        match self {
            Self::Default => Ok(default),
            Self::Known(value) => Ok(value),
            Self::Unknown(name) => Err(name),
        }
    }
}

/// A user that was created.
#[derive(Clone)]
pub struct Creation {
    /// The user.
    pub user: User,
    /// The password if the service generated it; otherwise empty.
    pub generated_password: String,
}

impl Prefetch for NewUser {
    type Found = NewUserFindings;

    fn lookups(&self) -> Vec<Lookup> {
        let mut lookups = vec![Lookup::Username(self.username.folded()), Lookup::DefaultOrganization];
        lookups.extend(self.email.as_ref().map(|email| Lookup::Email(email.folded())));
        lookups.extend(self.organization_ids.iter().map(|id| Lookup::Organization(*id)));
        lookups
    }

    fn found(&self, records: &Records) -> Result<NewUserFindings, StorageError> {
        let username_holder = records.username(&self.username.folded())?.map(|user| user.id);
        let claim = self.email.as_ref().map(|email| records.email(&email.folded())).transpose()?.flatten();
        let organization = |id: &Uuid| {
            let found = if id.is_nil() { records.default_organization() } else { records.organization(*id) };
            Ok(found?.map(|organization| organization.id))
        };
        let organizations = self.organization_ids.iter().map(organization).collect::<Result<_, StorageError>>()?;
        Ok(NewUserFindings { username_holder, email_holder: claim.map(|claim| claim.user_id), organizations })
    }
}

/// What the table holds under the names of a new user.
#[derive(Clone, Debug)]
pub struct NewUserFindings {
    /// The user who has the username.
    username_holder: Option<Uuid>,
    /// The user who has the e-mail address.
    email_holder: Option<Uuid>,
    /// The organizations of the request, in its order; `None` for one that does not exist.
    organizations: Vec<Option<Uuid>>,
}

/// Why a user was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserError {
    /// A service account with an e-mail address, a password, or another login type than none.
    #[error("a service account has no {0}")]
    ServiceAccount(&'static str),
    /// A generated password was asked for where a password is given or none is possible.
    #[error("the service generates a password only for a user who signs in with one, and only if the request has none")]
    PasswordGiven,
    /// A password for a user who does not sign in with one.
    #[error("a user with the login type {0} has no password")]
    PasswordNotAllowed(String),
    /// The deployment has passwords switched off.
    #[error("signing in with a password is switched off")]
    PasswordsDisabled,
    /// No organization was named.
    #[error("a user belongs to at least one organization")]
    NoOrganization,
    /// A user has the username or the e-mail address, and the caller may read that user.
    #[error("the username or the e-mail address is taken")]
    Taken,
    /// No such organization, or hidden.
    #[error("there is no organization {0}")]
    OrganizationNotFound(Uuid),
    /// The password breaks the policy.
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    /// There is no OpenID provider.
    #[error("the login type oidc needs an OpenID provider, and none is configured")]
    OidcNotConfigured,
    /// No user can have that login type.
    #[error("no user can have the login type {0:?}")]
    UnknownLoginType(String),
    /// The caller may not create users here.
    #[error("not permitted to create users")]
    Forbidden,
    /// There is no site role of that name.
    #[error("there is no site role {0:?}")]
    UnknownRole(String),
    /// The caller may not assign this role.
    #[error("you may not assign the role {0}")]
    NotAssignable(String),
    /// No status of that name.
    #[error("there is no status {0:?}")]
    UnknownStatus(String),
    /// The first user exists already.
    #[error("there is a first user already")]
    FirstUserExists,
    /// The password was not hashed.
    #[error("the password cannot be hashed")]
    Hash(#[from] HashError),
    /// The git SSH key was not generated.
    #[error("no SSH key pair could be made")]
    KeyPair(#[from] KeyPairError),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<NewUserError> for CreateUserError {
    fn from(error: NewUserError) -> Self {
        match error {
            NewUserError::Conflict(CreateUserConflict::Username | CreateUserConflict::Email) => Self::Taken,
            NewUserError::Conflict(CreateUserConflict::FirstUser) => Self::FirstUserExists,
            NewUserError::Conflict(CreateUserConflict::Organization(id)) => Self::OrganizationNotFound(id),
            NewUserError::Conflict(CreateUserConflict::ShortId) => Self::Storage(StorageError::Contention),
            NewUserError::Conflict(CreateUserConflict::Storage(error)) => Self::Storage(error),
            NewUserError::Hash(error) => Self::Hash(error),
            NewUserError::KeyPair(error) => Self::KeyPair(error),
        }
    }
}

impl Users {
    /// Whether the first user exists.
    pub async fn has_first(&self) -> Result<bool, StorageError> {
        Ok(self.store.read(&[Lookup::FirstUser]).await?.has_first_user())
    }

    /// Creates the first user as an owner, with the default organization. Of concurrent calls, one succeeds.
    pub async fn create_first(&self, new: FirstUser, origin: &Origin) -> Result<(Uuid, Uuid), CreateUserError> {
        if self.has_first().await? {
            return Err(CreateUserError::FirstUserExists);
        }
        password_policy::check(&new.password)?;
        if new.username.folded() == SYSTEM_USERNAME {
            return Err(CreateUserError::Taken);
        }
        let now = self.clock.now();
        let organization = Organization::first(self.random.uuid(), now);
        let organization_id = organization.id;
        let record = NewUserRecord {
            username: &new.username,
            email: Some(&new.email),
            name: new.name.as_str(),
            status: UserStatus::Active,
            login_type: LoginType::Password,
            password: Some(&new.password),
            password_is_temporary: false,
            is_service_account: false,
            roles: vec![OWNER.to_owned()],
            organizations: InitialOrganizations::First(organization),
            now,
        };
        let user = self.creator.create(Creator::FirstUser(origin), &record).await?;
        Ok((user.id, organization_id))
    }

    /// Creates a user. The checks stand in the order of docs/api/users.md#creation-order-of-checks; the first that
    /// fails answers.
    pub async fn create(
        &self,
        caller: &Caller,
        new: NewUser,
        found: &NewUserFindings,
    ) -> Result<Creation, CreateUserError> {
        self.check_combination(&new)?;
        if new.organization_ids.is_empty() {
            return Err(CreateUserError::NoOrganization);
        }
        check_free(caller, &new, found)?;
        let organizations = readable_organizations(caller, &new.organization_ids, &found.organizations)?;
        let generated_password =
            if new.generate_password { self.random.base62(GENERATED_PASSWORD_LENGTH) } else { String::new() };
        let password = if new.generate_password { &generated_password } else { &new.password };
        let login_type = check_login_type(password, new.login_type, new.is_service_account)?;
        check_permission(caller, &organizations)?;
        let roles = check_roles(caller, &new.roles)?;
        let status = new.status.or_default(UserStatus::Dormant).map_err(CreateUserError::UnknownStatus)?;
        let record = NewUserRecord {
            username: &new.username,
            email: new.email.as_ref(),
            name: new.name.as_str(),
            status,
            login_type,
            password: (login_type == LoginType::Password).then_some(password.as_str()),
            password_is_temporary: login_type == LoginType::Password,
            is_service_account: new.is_service_account,
            roles,
            organizations: InitialOrganizations::Existing(organizations),
            now: self.clock.now(),
        };
        let user = self.creator.create(Creator::Caller(caller), &record).await?;
        Ok(Creation { user, generated_password })
    }

    /// Steps 2 to 4: which values exclude each other.
    fn check_combination(&self, new: &NewUser) -> Result<(), CreateUserError> {
        let is_password = matches!(new.login_type, Requested::Default | Requested::Known(LoginType::Password));
        if new.generate_password && (new.is_service_account || !is_password || !new.password.is_empty()) {
            return Err(CreateUserError::PasswordGiven);
        }
        if new.is_service_account {
            return check_service_account(new);
        }
        match &new.login_type {
            Requested::Known(LoginType::Password) | Requested::Default if self.passwords_are_disabled => {
                Err(CreateUserError::PasswordsDisabled)
            }
            Requested::Known(LoginType::Password) | Requested::Default => Ok(()),
            Requested::Known(_) | Requested::Unknown(_) if new.password.is_empty() => Ok(()),
            Requested::Known(other) => Err(CreateUserError::PasswordNotAllowed(other.as_str().to_owned())),
            Requested::Unknown(name) => Err(CreateUserError::PasswordNotAllowed(name.clone())),
        }
    }
}

fn check_service_account(new: &NewUser) -> Result<(), CreateUserError> {
    if !matches!(new.login_type, Requested::Default | Requested::Known(LoginType::None)) {
        return Err(CreateUserError::ServiceAccount("login type but none"));
    }
    if !new.password.is_empty() {
        return Err(CreateUserError::ServiceAccount("password"));
    }
    if new.email.is_some() {
        return Err(CreateUserError::ServiceAccount("e-mail address"));
    }
    Ok(())
}

/// Step 6. A conflict with a user whom the caller may not read is left to the permission check (Deviation:
/// docs/api/deviations.md#conflict-with-an-unreadable-user).
fn check_free(caller: &Caller, new: &NewUser, found: &NewUserFindings) -> Result<(), CreateUserError> {
    let mut holders = [found.username_holder, found.email_holder].into_iter().flatten();
    let may = |action, object: &Object| authorize(&caller.subject, action, object);
    // The system user cannot be created. Only a caller who may read or create users learns that it exists.
    let any_user = Object::any(ResourceType::User);
    let is_systems =
        new.username.folded() == SYSTEM_USERNAME && (may(Action::Read, &any_user) || may(Action::Create, &any_user));
    if is_systems || holders.any(|id| may(Action::Read, &Object::user(id))) {
        return Err(CreateUserError::Taken);
    }
    Ok(())
}

/// Step 7: the organizations in the order of the request, each once, with the default one in place of the nil UUID.
fn readable_organizations(
    caller: &Caller,
    asked: &[Uuid],
    found: &[Option<Uuid>],
) -> Result<Vec<Uuid>, CreateUserError> {
    let mut organizations = Vec::new();
    for (&asked, found) in asked.iter().zip(found) {
        let id = found
            .filter(|id| authorize(&caller.subject, Action::Read, &Object::organization(*id)))
            .ok_or(CreateUserError::OrganizationNotFound(asked))?;
        if !organizations.contains(&id) {
            organizations.push(id);
        }
    }
    Ok(organizations)
}

/// Step 8: the login type of the user, and the rules of passwords if it is `password`.
fn check_login_type(
    password: &str,
    requested: Requested<LoginType>,
    is_service_account: bool,
) -> Result<LoginType, CreateUserError> {
    let default = if is_service_account { LoginType::None } else { LoginType::Password };
    let login_type = requested.or_default(default).map_err(CreateUserError::UnknownLoginType)?;
    match login_type {
        LoginType::Password => password_policy::check(password)?,
        LoginType::Oidc => return Err(CreateUserError::OidcNotConfigured),
        LoginType::Github | LoginType::None => {}
    }
    Ok(login_type)
}

/// Step 9.
fn check_permission(caller: &Caller, organizations: &[Uuid]) -> Result<(), CreateUserError> {
    let may = |action, object: &Object| authorize(&caller.subject, action, object);
    // A user that does not exist yet has neither an id nor an owner.
    let permitted = may(Action::Create, &Object::any(ResourceType::User))
        && may(Action::Assign, &Object::any(ResourceType::AssignRole))
        && organizations.iter().all(|id| may(Action::Create, &Object::new_organization_member(*id)));
    if permitted { Ok(()) } else { Err(CreateUserError::Forbidden) }
}

/// Step 10: unknown names first, then roles that the caller may not assign (Deviation:
/// docs/api/deviations.md#unknown-roles-and-statuses-at-creation).
fn check_roles(caller: &Caller, asked: &[String]) -> Result<Vec<String>, CreateUserError> {
    let roles = known_roles(asked).map_err(CreateUserError::UnknownRole)?;
    for role in &roles {
        if !SiteRole::parse(role).is_some_and(|role| may_assign(&caller.subject, role)) {
            return Err(CreateUserError::NotAssignable(role.clone()));
        }
    }
    Ok(roles)
}
