//! How domain values lie in items: attribute names, and the way back with every attribute checked. UUIDs are binary
//! and times numbers (microseconds since the Unix epoch), which halves what a page of users costs to read.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use chrono::TimeDelta;
use uuid::Uuid;

use super::keys::ItemKey;
use super::table::{ACTIVE, ACTIVE_PARTITION, CREATED_AT, LAST_SEEN_AT, PK, SK, TOKEN, TOKEN_LISTING, TTL};
use crate::auth::git_ssh_key::GitSshKey;
use crate::auth::password::PasswordHash;
use crate::auth::token::ShortId;
use crate::domain::api_key::{ApiKey, KeyType};
use crate::domain::names::fold_email;
use crate::domain::organization::{Membership, Organization};
use crate::domain::outbox::{OutboxMessage, Pending};
use crate::domain::settings::{Appearance, Preferences, Settings, ThemeMode};
use crate::domain::time::Timestamp;
use crate::domain::user::{LoginType, User, UserStatus};
use crate::storage::StorageError;

/// How long a message that was given up is kept (Spec: administration 6.3, retention).
const OUTBOX_RETENTION: TimeDelta = TimeDelta::days(7);

/// An item as the SDK has it.
pub type Attributes = HashMap<String, AttributeValue>;

/// What a login reads: one item per e-mail address.
///
/// `EMAIL#<folded>` / `CLAIM`: `id`, `username`, `status`, `login_type`, `generation`, `password_hash`,
/// `temporary_password`.
#[derive(Clone, Debug)]
pub struct EmailClaim {
    /// The account with this address.
    pub user_id: Uuid,
    /// The account's status.
    pub status: UserStatus,
    /// How the account signs in.
    pub login_type: LoginType,
    /// The account's lower-cased username.
    pub username: String,
    /// The generation that new keys carry.
    pub key_generation: u64,
    /// Missing for accounts without a password.
    pub password_hash: Option<PasswordHash>,
    /// Somebody else chose the password.
    pub password_is_temporary: bool,
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

/// Collects an item's attributes; empty texts, empty lists and `false` are left out.
#[derive(Default)]
struct Writer(Attributes);

impl Writer {
    fn at(key: &ItemKey) -> Self {
        Self(key.attributes())
    }

    fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    fn text(self, name: &str, text: &str) -> Self {
        if text.is_empty() {
            return self;
        }
        self.value(name, AttributeValue::S(text.to_owned()))
    }

    fn number(self, name: &str, number: impl Into<i128>) -> Self {
        self.value(name, AttributeValue::N(number.into().to_string()))
    }

    fn time(self, name: &str, time: Timestamp) -> Self {
        self.number(name, time.micros())
    }

    fn uuid(self, name: &str, id: Uuid) -> Self {
        self.value(name, uuid_value(id))
    }

    fn bytes(self, name: &str, bytes: &[u8]) -> Self {
        self.value(name, AttributeValue::B(Blob::new(bytes)))
    }

    fn flag(self, name: &str, flag: bool) -> Self {
        if !flag {
            return self;
        }
        self.value(name, AttributeValue::Bool(true))
    }

    fn texts(self, name: &str, texts: &[String]) -> Self {
        if texts.is_empty() {
            return self;
        }
        let list = texts.iter().cloned().map(AttributeValue::S).collect();
        self.value(name, AttributeValue::L(list))
    }
}

/// Reads an item's attributes; what is missing or of another kind names itself.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a Attributes);

impl<'a> Reader<'a> {
    fn corrupt(self, attribute: &'static str) -> StorageError {
        let part = |name: &str| match self.0.get(name) {
            Some(AttributeValue::S(text)) => text.clone(),
            _ => "?".to_owned(),
        };
        StorageError::Corrupt { item: format!("{} / {}", part(PK), part(SK)), attribute }
    }

    /// A text, empty when the attribute is missing.
    pub(super) fn text(self, name: &'static str) -> Result<&'a str, StorageError> {
        match self.0.get(name) {
            None => Ok(""),
            Some(AttributeValue::S(text)) => Ok(text),
            Some(_) => Err(self.corrupt(name)),
        }
    }

    fn parsed<T>(self, name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StorageError> {
        parse(self.text(name)?).ok_or_else(|| self.corrupt(name))
    }

    /// A whole number.
    pub(super) fn number<T: std::str::FromStr>(self, name: &'static str) -> Result<T, StorageError> {
        match self.0.get(name) {
            Some(AttributeValue::N(number)) => number.parse().map_err(|_| self.corrupt(name)),
            _ => Err(self.corrupt(name)),
        }
    }

    fn time(self, name: &'static str) -> Result<Timestamp, StorageError> {
        Timestamp::from_micros(self.number(name)?).ok_or_else(|| self.corrupt(name))
    }

    /// A UUID.
    pub(super) fn uuid(self, name: &'static str) -> Result<Uuid, StorageError> {
        Uuid::from_slice(self.bytes(name)?).map_err(|_| self.corrupt(name))
    }

    fn bytes(self, name: &'static str) -> Result<&'a [u8], StorageError> {
        match self.0.get(name) {
            Some(AttributeValue::B(bytes)) => Ok(bytes.as_ref()),
            _ => Err(self.corrupt(name)),
        }
    }

    fn flag(self, name: &'static str) -> Result<bool, StorageError> {
        match self.0.get(name) {
            None => Ok(false),
            Some(AttributeValue::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.corrupt(name)),
        }
    }

    fn list(self, name: &'static str) -> Result<&'a [AttributeValue], StorageError> {
        match self.0.get(name) {
            None => Ok(&[]),
            Some(AttributeValue::L(list)) => Ok(list),
            Some(_) => Err(self.corrupt(name)),
        }
    }

    fn texts(self, name: &'static str) -> Result<Vec<String>, StorageError> {
        self.list(name)?.iter().map(|text| text.as_s().cloned().map_err(|_| self.corrupt(name))).collect()
    }
}

/// A UUID as a binary attribute.
pub(super) fn uuid_value(id: Uuid) -> AttributeValue {
    AttributeValue::B(Blob::new(id.as_bytes().as_slice()))
}

/// The attributes of a user that the profile and the directory entry share.
fn user_attributes(key: &ItemKey, user: &User) -> Writer {
    let memberships = user.memberships.iter().map(membership_value).collect();
    let writer = Writer::at(key)
        .uuid("id", user.id)
        .text("username", &user.username)
        .text("email", &user.email)
        .text("name", &user.name)
        .text("avatar_url", &user.avatar_url)
        .time("created", user.created_at)
        .time("updated", user.updated_at)
        .time(LAST_SEEN_AT, user.last_seen_at)
        .text("status", user.status.as_str())
        .text("login_type", user.login_type.as_str())
        .flag("service_account", user.is_service_account)
        .texts("roles", &user.roles)
        .flag("deleted", user.deleted)
        .flag("temporary_password", user.password_is_temporary)
        .number("generation", user.key_generation)
        .number("standing", user.standing)
        .number("version", user.version);
    if user.memberships.is_empty() {
        return writer;
    }
    writer.value("memberships", AttributeValue::L(memberships))
}

/// `USER#<short>` / `PROFILE`, with the index keys of active users.
pub(super) fn profile_item(user: &User) -> Attributes {
    let writer = user_attributes(&ItemKey::profile(&ShortId::of(user.id)), user);
    let is_listed = user.status == UserStatus::Active && !user.deleted;
    if is_listed {
        return writer.text(ACTIVE_PARTITION, ACTIVE).0;
    }
    writer.0
}

/// `DIRECTORY` / `<folded username>`: the same record where the list and a lookup by name find it.
pub(super) fn directory_item(user: &User) -> Attributes {
    let key = ItemKey::username(&user.username.to_ascii_lowercase());
    user_attributes(&key, user).0
}

/// `EMAIL#<folded>` / `CLAIM`.
pub(super) fn email_claim_item(user: &User, password_hash: Option<&PasswordHash>) -> Attributes {
    Writer::at(&ItemKey::email(&fold_email(&user.email)))
        .uuid("id", user.id)
        .text("status", user.status.as_str())
        .text("login_type", user.login_type.as_str())
        .text("username", &user.username.to_ascii_lowercase())
        .number("generation", user.key_generation)
        .text("password_hash", password_hash.map_or("", PasswordHash::as_str))
        .flag("temporary_password", user.password_is_temporary)
        .0
}

/// The claim that a login reads.
pub(super) fn read_email_claim(item: &Attributes) -> Result<EmailClaim, StorageError> {
    let item = Reader(item);
    let hash = item.text("password_hash")?;
    Ok(EmailClaim {
        user_id: item.uuid("id")?,
        status: item.parsed("status", UserStatus::parse)?,
        login_type: item.parsed("login_type", LoginType::parse)?,
        username: item.text("username")?.to_owned(),
        key_generation: item.number("generation")?,
        password_hash: (!hash.is_empty()).then(|| PasswordHash::from(hash.to_owned())),
        password_is_temporary: item.flag("temporary_password")?,
    })
}

/// `USER#<short>` / `PASSWORD`.
pub(super) fn password_item(user_id: Uuid, hash: &PasswordHash, key_generation: u64) -> Attributes {
    Writer::at(&ItemKey::password(&ShortId::of(user_id)))
        .text("hash", hash.as_str())
        .number("generation", key_generation)
        .0
}

/// A password.
pub(super) fn read_password(item: &Attributes) -> Result<StoredPassword, StorageError> {
    let item = Reader(item);
    Ok(StoredPassword {
        hash: PasswordHash::from(item.text("hash")?.to_owned()),
        key_generation: item.number("generation")?,
    })
}

/// `USER#<short>` / `SETTINGS`: what is not set is left out.
pub(super) fn settings_item(user_id: Uuid, settings: &Settings) -> Attributes {
    let Settings { appearance, preferences, version } = settings;
    let dismissed = preferences.task_notification_alert_dismissed;
    Writer::at(&ItemKey::settings(&ShortId::of(user_id)))
        .text("theme_preference", &appearance.theme_preference)
        .text("theme_mode", appearance.theme_mode.map_or("", ThemeMode::as_str))
        .text("theme_light", &appearance.theme_light)
        .text("theme_dark", &appearance.theme_dark)
        .text("terminal_font", &appearance.terminal_font)
        .flag("task_notification_alert_dismissed", dismissed)
        .text("thinking_display_mode", &preferences.thinking_display_mode)
        .text("shell_tool_display_mode", &preferences.shell_tool_display_mode)
        .text("code_diff_display_mode", &preferences.code_diff_display_mode)
        .text("agent_chat_send_shortcut", &preferences.agent_chat_send_shortcut)
        .number("version", *version)
        .0
}

/// Settings; whatever the item does not say is as nobody ever set it.
pub(super) fn read_settings(item: &Attributes) -> Result<Settings, StorageError> {
    let item = Reader(item);
    let text = |name| Ok::<_, StorageError>(item.text(name)?.to_owned());
    Ok(Settings {
        appearance: Appearance {
            theme_preference: text("theme_preference")?,
            theme_mode: ThemeMode::parse(item.text("theme_mode")?),
            theme_light: text("theme_light")?,
            theme_dark: text("theme_dark")?,
            terminal_font: text("terminal_font")?,
        },
        preferences: Preferences {
            task_notification_alert_dismissed: item.flag("task_notification_alert_dismissed")?,
            thinking_display_mode: text("thinking_display_mode")?,
            shell_tool_display_mode: text("shell_tool_display_mode")?,
            code_diff_display_mode: text("code_diff_display_mode")?,
            agent_chat_send_shortcut: text("agent_chat_send_shortcut")?,
        },
        version: item.number("version")?,
    })
}

/// A user, from the profile or the directory entry.
pub(super) fn read_user(item: &Attributes) -> Result<User, StorageError> {
    let item = Reader(item);
    let memberships = item.list("memberships")?.iter();
    Ok(User {
        id: item.uuid("id")?,
        username: item.text("username")?.to_owned(),
        email: item.text("email")?.to_owned(),
        name: item.text("name")?.to_owned(),
        avatar_url: item.text("avatar_url")?.to_owned(),
        created_at: item.time("created")?,
        updated_at: item.time("updated")?,
        last_seen_at: item.time(LAST_SEEN_AT)?,
        status: item.parsed("status", UserStatus::parse)?,
        login_type: item.parsed("login_type", LoginType::parse)?,
        is_service_account: item.flag("service_account")?,
        roles: item.texts("roles")?,
        memberships: memberships
            .map(|value| value.as_m().map_err(|_| item.corrupt("memberships")).and_then(read_membership))
            .collect::<Result<_, _>>()?,
        deleted: item.flag("deleted")?,
        password_is_temporary: item.flag("temporary_password")?,
        key_generation: item.number("generation")?,
        standing: item.number("standing")?,
        version: item.number("version")?,
    })
}

fn membership_value(membership: &Membership) -> AttributeValue {
    let writer = Writer::default()
        .uuid("id", membership.organization_id)
        .texts("roles", &membership.roles)
        .time("created", membership.created_at)
        .time("updated", membership.updated_at);
    AttributeValue::M(writer.0)
}

fn read_membership(value: &Attributes) -> Result<Membership, StorageError> {
    let value = Reader(value);
    Ok(Membership {
        organization_id: value.uuid("id")?,
        roles: value.texts("roles")?,
        created_at: value.time("created")?,
        updated_at: value.time("updated")?,
    })
}

/// `USER#<short>` / `KEY#<key id>`, with the index keys of named tokens and the TTL of every key.
pub(super) fn api_key_item(key: &ApiKey) -> Attributes {
    let place = ItemKey::api_key(&ShortId::of(key.user_id), &key.id);
    let writer = Writer::at(&place)
        .text("id", &key.id)
        .uuid("user_id", key.user_id)
        .text("type", key.key_type.as_str())
        .text("token_name", &key.token_name)
        .texts("scopes", &key.scopes)
        .texts("allow_list", &key.allow_list)
        .time(CREATED_AT, key.created_at)
        .time("updated", key.updated_at)
        .time("last_used", key.last_used)
        .time("expires", key.expires_at)
        .number("lifetime", key.lifetime_seconds)
        .text("ip", &key.ip_address)
        .number("generation", key.generation)
        .bytes("secret_hash", &key.secret_hash);
    if key.key_type == KeyType::Token {
        // Expired tokens stay listed with `include_expired` until somebody deletes them.
        return writer.text(TOKEN_LISTING, TOKEN).0;
    }
    writer.number(TTL, key.expires_at.plus(chrono::TimeDelta::days(1)).unix_seconds()).0
}

/// A key, from its item or from the index of tokens.
pub(super) fn read_api_key(item: &Attributes) -> Result<ApiKey, StorageError> {
    let item = Reader(item);
    Ok(ApiKey {
        id: item.text("id")?.to_owned(),
        user_id: item.uuid("user_id")?,
        key_type: item.parsed("type", KeyType::parse)?,
        token_name: item.text("token_name")?.to_owned(),
        scopes: item.texts("scopes")?,
        allow_list: item.texts("allow_list")?,
        created_at: item.time(CREATED_AT)?,
        updated_at: item.time("updated")?,
        last_used: item.time("last_used")?,
        expires_at: item.time("expires")?,
        lifetime_seconds: item.number("lifetime")?,
        ip_address: item.text("ip")?.to_owned(),
        generation: item.number("generation")?,
        secret_hash: item.bytes("secret_hash")?.try_into().map_err(|_| item.corrupt("secret_hash"))?,
    })
}

/// `USER#<short>` / `TOKEN_NAME#…`: which key holds the name, and of which generation it is.
pub(super) fn token_name_item(key: &ApiKey) -> Attributes {
    Writer::at(&ItemKey::token_name(&ShortId::of(key.user_id), &key.token_name))
        .text("id", &key.id)
        .number("generation", key.generation)
        .0
}

/// `DIRECTORY_LOG` / `<moment>#<id>`: lower-cased usernames that stand for somebody else now, or for nobody.
pub(super) fn directory_change_item(at: Timestamp, id: Uuid, names: &[String]) -> Attributes {
    Writer::at(&ItemKey::directory_change(at, id))
        .texts("names", names)
        .number(TTL, at.plus(chrono::TimeDelta::days(1)).unix_seconds())
        .0
}

/// What a change of the directory names.
pub(super) fn read_directory_change(item: &Attributes) -> Result<Vec<String>, StorageError> {
    Reader(item).texts("names")
}

/// `ORGANIZATION#<id>` / `PROFILE`, `ORGANIZATION_NAME#<folded>` / `CLAIM` and, for the default one, `DEPLOYMENT` /
/// `DEFAULT_ORGANIZATION` hold the same record.
pub(super) fn organization_items(organization: &Organization) -> Vec<Attributes> {
    let folded = organization.name.to_ascii_lowercase();
    let mut places = vec![ItemKey::organization(organization.id), ItemKey::organization_name(&folded)];
    if organization.is_default {
        places.push(ItemKey::default_organization());
    }
    let item = |key: ItemKey| {
        Writer::at(&key)
            .uuid("id", organization.id)
            .text("name", &organization.name)
            .text("display_name", &organization.display_name)
            .text("description", &organization.description)
            .text("icon", &organization.icon)
            .time("created", organization.created_at)
            .time("updated", organization.updated_at)
            .flag("default", organization.is_default)
            .texts("default_member_roles", &organization.default_member_roles)
            .0
    };
    places.into_iter().map(item).collect()
}

/// An organization, from any of its items.
pub(super) fn read_organization(item: &Attributes) -> Result<Organization, StorageError> {
    let item = Reader(item);
    Ok(Organization {
        id: item.uuid("id")?,
        name: item.text("name")?.to_owned(),
        display_name: item.text("display_name")?.to_owned(),
        description: item.text("description")?.to_owned(),
        icon: item.text("icon")?.to_owned(),
        created_at: item.time("created")?,
        updated_at: item.time("updated")?,
        is_default: item.flag("default")?,
        default_member_roles: item.texts("default_member_roles")?,
    })
}

/// `USER#<short>` / `GIT_SSH_KEY`.
pub(super) fn git_ssh_key_item(key: &GitSshKey) -> Attributes {
    Writer::at(&ItemKey::git_ssh_key(&ShortId::of(key.user_id)))
        .uuid("user_id", key.user_id)
        .text("public_key", &key.public_key)
        .bytes("private_key", &key.sealed_private_key)
        .time("created", key.created_at)
        .time("updated", key.updated_at)
        .0
}

/// A git SSH key.
pub(super) fn read_git_ssh_key(item: &Attributes) -> Result<GitSshKey, StorageError> {
    let item = Reader(item);
    Ok(GitSshKey {
        user_id: item.uuid("user_id")?,
        public_key: item.text("public_key")?.to_owned(),
        sealed_private_key: item.bytes("private_key")?.to_vec(),
        created_at: item.time("created")?,
        updated_at: item.time("updated")?,
    })
}

/// The item of a message to send.
///
/// `OUTBOX#<shard>` / `<id>`: `created`, `not_after`, `due`, `attempts`, `content`, `ttl`; `dead` when it was given up.
pub(super) fn outbox_item(message: &OutboxMessage) -> Attributes {
    Writer::at(&ItemKey::outbox(message.id))
        .time("created", message.created_at)
        .time("not_after", message.not_after)
        .time("due", message.created_at)
        .number("attempts", 0)
        .bytes("content", &message.sealed)
        .number(TTL, message.created_at.plus(OUTBOX_RETENTION).unix_seconds())
        .0
}

/// The message of that id.
pub(super) fn read_outbox(id: Uuid, item: &Attributes) -> Result<Pending, StorageError> {
    let item = Reader(item);
    let message = OutboxMessage {
        id,
        created_at: item.time("created")?,
        not_after: item.time("not_after")?,
        sealed: item.bytes("content")?.to_vec(),
    };
    let is_dead = !item.text("dead")?.is_empty();
    Ok(Pending { message, attempts: item.number("attempts")?, due_at: item.time("due")?, is_dead })
}
