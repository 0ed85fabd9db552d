//! Users on the wire (docs/api/users.md#user-object, docs/api/users.md#first-user,
//! docs/api/users.md#creation-order-of-checks, docs/api/users.md#profile,
//! docs/api/roles-and-permissions.md#roles-of-a-user).

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::fields::{Fields, InvalidFields};
use super::json::{BodyUuid, verbatim};
use super::roles::SlimRole;
use crate::domain;
use crate::domain::names::{Email, RealName, Username, bounded};
use crate::domain::time::Timestamp;
use crate::search::{UserPage, UserSummary};
use crate::service::users::create::{Creation, FirstUser, NewUser, Requested};
use crate::service::users::{OrganizationRoles, ProfileChange};

/// A user under Coder's names. It has members that no other representation of a user needs, such as the display names
/// of roles and `has_ai_seat`, and it leaves empty members out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct User {
    /// Version 4 UUID.
    pub id: Uuid,
    /// As given.
    pub username: String,
    /// Real name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// A URL, relative or not.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub avatar_url: String,
    /// Empty for service accounts.
    pub email: String,
    /// When the user was created.
    pub created_at: Timestamp,
    /// When the record was last changed.
    pub updated_at: Timestamp,
    /// [`Timestamp::NEVER`] until first seen.
    pub last_seen_at: Timestamp,
    /// `active`, `dormant` or `suspended`.
    pub status: &'static str,
    /// `password`, `github`, `oidc` or `none`.
    pub login_type: &'static str,
    /// Left out when false.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_service_account: bool,
    /// In the order in which the user joined.
    pub organization_ids: Vec<Uuid>,
    /// Stored site roles.
    pub roles: Vec<SlimRole>,
    /// Always false, because Roster does not have the AI add-on.
    pub has_ai_seat: bool,
    /// Another user chose the password. Only the user gets this member, and it is left out when false. Coder's answers
    /// do not have it (docs/api/passwords.md#temporary-passwords).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub must_change_password: bool,
}

impl User {
    /// The answer to the user themselves, which has one more member.
    pub fn oneself(user: domain::user::User) -> Self {
        let must_change_password = user.password_is_temporary;
        Self { must_change_password, ..user.into() }
    }
}

/// A new user, with the generated password.
#[derive(Clone, Serialize)]
pub struct CreatedUser {
    #[serde(flatten)]
    user: User,
    /// The generated password. Left out if the request did not ask for one.
    #[serde(skip_serializing_if = "String::is_empty")]
    password: String,
}

impl From<Creation> for CreatedUser {
    fn from(creation: Creation) -> Self {
        Self { user: creation.user.into(), password: creation.generated_password }
    }
}

impl From<UserSummary> for User {
    fn from(user: UserSummary) -> Self {
        Self {
            id: user.id,
            username: user.username,
            name: user.name,
            avatar_url: user.avatar_url,
            email: user.email,
            created_at: user.created_at,
            updated_at: user.updated_at,
            last_seen_at: user.last_seen_at,
            status: user.status.as_str(),
            login_type: user.login_type.as_str(),
            is_service_account: user.is_service_account,
            organization_ids: user.organization_ids,
            roles: user.roles.iter().map(|role| SlimRole::site(role)).collect(),
            has_ai_seat: false,
            must_change_password: false,
        }
    }
}

impl From<domain::user::User> for User {
    fn from(user: domain::user::User) -> Self {
        UserSummary::from(user).into()
    }
}

/// A page of users.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct GetUsersResponse {
    /// In order of lower-cased usernames.
    pub users: Vec<User>,
    /// The number of users on all pages.
    pub count: u64,
}

impl From<UserPage> for GetUsersResponse {
    fn from(page: UserPage) -> Self {
        Self { users: page.users.into_iter().map(User::from).collect(), count: page.count }
    }
}

/// The site roles of a user and the roles in every organization.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct UserRoles {
    /// Stored site roles.
    pub roles: Vec<String>,
    /// Explicit roles by organization.
    pub organization_roles: BTreeMap<Uuid, Vec<String>>,
}

impl From<(Vec<String>, OrganizationRoles)> for UserRoles {
    fn from((roles, organization_roles): (Vec<String>, OrganizationRoles)) -> Self {
        Self { roles, organization_roles: organization_roles.into_iter().collect() }
    }
}

/// How a user signs in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct UserLoginType {
    /// `password`, `github`, `oidc` or `none`.
    pub login_type: &'static str,
}

/// The body of the request for the first user. Members about licences and surveys are decoded and ignored.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct CreateFirstUserRequest {
    email: String,
    username: String,
    name: String,
    #[serde(deserialize_with = "verbatim")]
    password: String,
    trial: bool,
    trial_info: TrialInfo,
    onboarding_info: OnboardingInfo,
}

/// The contact for a trial licence. Ignored.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct TrialInfo {
    first_name: String,
    last_name: String,
    phone_number: String,
    job_title: String,
    company_name: String,
    country: String,
    developers: String,
}

/// The choice of newsletters. Ignored.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct OnboardingInfo {
    newsletter_marketing: bool,
    newsletter_releases: bool,
}

impl TryFrom<CreateFirstUserRequest> for FirstUser {
    type Error = InvalidFields;

    fn try_from(body: CreateFirstUserRequest) -> Result<Self, InvalidFields> {
        let mut fields = Fields::default();
        let email = fields.check("email", Email::parse(&body.email));
        let username = fields.check("username", Username::parse(&body.username));
        let name = fields.check("name", RealName::parse(&body.name));
        let password = fields.required("password", body.password);
        match (email, username, name, password) {
            (Some(email), Some(username), Some(name), Some(password)) => Ok(Self { email, username, name, password }),
            _ => Err(fields.into_error()),
        }
    }
}

/// The first user and the default organization.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct CreateFirstUserResponse {
    /// The first user.
    pub user_id: Uuid,
    /// The default organization.
    pub organization_id: Uuid,
}

/// The request for a new user.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct CreateUserRequest {
    email: String,
    username: String,
    name: String,
    #[serde(deserialize_with = "verbatim")]
    password: String,
    login_type: String,
    user_status: String,
    organization_ids: Vec<BodyUuid>,
    /// Old clients send it in place of `organization_ids`.
    organization_id: Option<BodyUuid>,
    service_account: bool,
    roles: Vec<String>,
    /// Whether to generate a password and return it in the answer. Coder does not have this member.
    generate_password: bool,
}

/// The most organizations of a new user. Deviation (docs/api/deviations.md#bounded-texts-and-lists): Coder has no
/// limit. Roster checks all of them in one transaction, which can hold a hundred items.
const MAX_ORGANIZATIONS: usize = 50;

impl TryFrom<CreateUserRequest> for NewUser {
    type Error = InvalidFields;

    fn try_from(body: CreateUserRequest) -> Result<Self, InvalidFields> {
        let mut fields = Fields::default();
        // A service account needs no e-mail address. The use case refuses one that has an address.
        let email = match body.email.as_str() {
            "" if body.service_account => Some(None),
            "" => fields.check("email", Err("the rule required_unless: must not be empty, but for a service account")),
            email => fields.check("email", Email::parse(email)).map(Some),
        };
        let username = fields.check("username", Username::parse(&body.username));
        let name = fields.check("name", RealName::parse(&body.name));
        let mut named = HashSet::new();
        let organization_ids = body.organization_ids.into_iter().chain(body.organization_id).map(|BodyUuid(id)| id);
        let organization_ids = organization_ids.filter(|id| named.insert(*id)).collect();
        let organization_ids = fields.at_most("organization_ids", organization_ids, MAX_ORGANIZATIONS);
        match (email, username, name, organization_ids) {
            (Some(email), Some(username), Some(name), Some(organization_ids)) => Ok(Self {
                email,
                username,
                name,
                password: body.password,
                login_type: Requested::parse(&body.login_type, domain::user::LoginType::parse),
                status: Requested::parse(&body.user_status, domain::user::UserStatus::parse),
                organization_ids,
                is_service_account: body.service_account,
                roles: body.roles,
                generate_password: body.generate_password,
            }),
            _ => Err(fields.into_error()),
        }
    }
}

/// The request to replace username, real name and avatar.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct UpdateUserProfileRequest {
    username: String,
    name: String,
    avatar_url: String,
}

impl TryFrom<UpdateUserProfileRequest> for ProfileChange {
    type Error = InvalidFields;

    fn try_from(body: UpdateUserProfileRequest) -> Result<Self, InvalidFields> {
        let mut fields = Fields::default();
        let username = fields.check("username", Username::parse(&body.username));
        let name = fields.check("name", RealName::parse(&body.name));
        let avatar_url = fields.check("avatar_url", bounded(body.avatar_url));
        match (username, name, avatar_url) {
            (Some(username), Some(name), Some(avatar_url)) => Ok(Self { username, name, avatar_url }),
            _ => Err(fields.into_error()),
        }
    }
}
