//! What a login and a change of the password read.

use uuid::Uuid;

use super::user::{read_user, record_value};
use super::{Attributes, Reader, Writer};
use crate::auth::password::PasswordHash;
use crate::auth::token::ShortId;
use crate::domain::names::fold_email;
use crate::domain::user::{LoginType, User, UserStatus};
use crate::storage::dynamodb::keys::ItemKey;
use crate::storage::error::StorageError;

/// What a login reads: one item for each e-mail address. It repeats parts of the user, so that a login is one read of a
/// key that it knows, and reads no list of organizations and no texts that it does not need.
///
/// `EMAIL#<folded>` / `CLAIM`: `id`, `email`, `username`, `greeting`, `status`, `roles`, `login_type`, `generation`,
/// `password_hash`, `temporary_password`, and the whole `record` of a dormant user.
#[derive(Clone, Debug)]
pub struct EmailClaim {
    /// The user with this address.
    pub user_id: Uuid,
    /// The address as it was given at the creation.
    pub email: String,
    /// The user's status.
    pub status: UserStatus,
    /// The user's stored site roles. With the status they say where copies of the record are.
    pub roles: Vec<String>,
    /// How the user signs in.
    pub login_type: LoginType,
    /// The user's lower-cased username.
    pub username: String,
    /// How a mail addresses the user: by the real name, or by the username as it was given.
    pub greeting: String,
    /// The generation that new keys carry.
    pub key_generation: u64,
    /// Missing for users without a password.
    pub password_hash: Option<PasswordHash>,
    /// Another user chose the password.
    pub password_is_temporary: bool,
    /// The record of a dormant user, whom the login makes active without another read.
    pub dormant: Option<Box<User>>,
}

/// The password of a user where the path to the user leads; the e-mail claim holds the same hash.
///
/// `USER#<short>` / `PASSWORD`: `hash`, `generation`.
#[derive(Clone, Debug)]
pub struct StoredPassword {
    /// The hash.
    pub hash: PasswordHash,
    /// The user's key generation when the password was set: both change together.
    pub key_generation: u64,
}

/// `EMAIL#<folded>` / `CLAIM`.
pub(in crate::storage::dynamodb) fn email_claim_item(user: &User, password_hash: Option<&PasswordHash>) -> Attributes {
    let claim = Writer::at(&ItemKey::email(&fold_email(&user.email)))
        .uuid("id", user.id)
        .text("email", &user.email)
        .text("status", user.status.as_str())
        .texts("roles", &user.roles)
        .text("login_type", user.login_type.as_str())
        .text("username", &user.username.to_ascii_lowercase())
        .text("greeting", user.greeting())
        .number("generation", user.key_generation)
        .text("password_hash", password_hash.map_or("", PasswordHash::as_str))
        .flag("temporary_password", user.password_is_temporary);
    if user.status == UserStatus::Dormant {
        return claim.value("record", record_value(user)).0;
    }
    claim.0
}

/// The claim that a login reads.
pub(in crate::storage::dynamodb) fn read_email_claim(item: &Attributes) -> Result<EmailClaim, StorageError> {
    let item = Reader(item);
    let hash = item.text("password_hash")?;
    let status = item.parsed("status", UserStatus::parse)?;
    let dormant = match item.map("record")? {
        Some(record) => Some(Box::new(read_user(record)?)),
        None if status == UserStatus::Dormant => return Err(item.corrupt("record")),
        None => None,
    };
    Ok(EmailClaim {
        user_id: item.uuid("id")?,
        email: item.text("email")?.to_owned(),
        status,
        roles: item.texts("roles")?,
        dormant,
        login_type: item.parsed("login_type", LoginType::parse)?,
        username: item.text("username")?.to_owned(),
        greeting: item.text("greeting")?.to_owned(),
        key_generation: item.number("generation")?,
        password_hash: (!hash.is_empty()).then(|| PasswordHash::from(hash.to_owned())),
        password_is_temporary: item.flag("temporary_password")?,
    })
}

/// `USER#<short>` / `PASSWORD`.
pub(in crate::storage::dynamodb) fn password_item(
    user_id: Uuid,
    hash: &PasswordHash,
    key_generation: u64,
) -> Attributes {
    Writer::at(&ItemKey::password(&ShortId::of(user_id)))
        .text("hash", hash.as_str())
        .number("generation", key_generation)
        .0
}

/// A password.
pub(in crate::storage::dynamodb) fn read_password(item: &Attributes) -> Result<StoredPassword, StorageError> {
    let item = Reader(item);
    Ok(StoredPassword {
        hash: PasswordHash::from(item.text("hash")?.to_owned()),
        key_generation: item.number("generation")?,
    })
}
