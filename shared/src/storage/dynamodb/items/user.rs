//! A user: the record, and its copy in the directory.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Attributes, Reader, Writer};
use crate::auth::token::ShortId;
use crate::domain::organization::Membership;
use crate::domain::user::{LoginType, User, UserStatus};
use crate::storage::dynamodb::keys::ItemKey;
use crate::storage::dynamodb::table::{ACTIVE, ACTIVE_PARTITION, LAST_SEEN_AT};
use crate::storage::error::StorageError;

/// `USER#<short>` / `PROFILE`, with the index keys of active users.
pub(in crate::storage::dynamodb) fn profile_item(user: &User) -> Attributes {
    let writer = user_attributes(&ItemKey::profile(&ShortId::of(user.id)), user);
    let is_listed = user.status == UserStatus::Active && !user.deleted;
    if is_listed {
        return writer.text(ACTIVE_PARTITION, ACTIVE).0;
    }
    writer.0
}

/// `DIRECTORY` / `<folded username>`: the same record where the list and a lookup by name find it.
pub(in crate::storage::dynamodb) fn directory_item(user: &User) -> Attributes {
    let key = ItemKey::username(&user.username.to_ascii_lowercase());
    listed_item(&key, user)
}

/// The record at a place where a list finds it.
pub(in crate::storage::dynamodb) fn listed_item(place: &ItemKey, user: &User) -> Attributes {
    user_attributes(place, user).0
}

/// The record within an item of another kind.
pub(in crate::storage::dynamodb) fn record_value(user: &User) -> AttributeValue {
    AttributeValue::M(record(Writer::default(), user).0)
}

/// The attributes of a user that the profile and the entries in lists share.
fn user_attributes(key: &ItemKey, user: &User) -> Writer {
    record(Writer::at(key), user)
}

fn record(writer: Writer, user: &User) -> Writer {
    let memberships = user.memberships.iter().map(membership_value).collect();
    let writer = writer
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
        .number("authz_version", user.authz_version)
        .number("version", user.version);
    if user.memberships.is_empty() {
        return writer;
    }
    writer.value("memberships", AttributeValue::L(memberships))
}

/// A user, from the profile or the directory entry.
pub(in crate::storage::dynamodb) fn read_user(item: &Attributes) -> Result<User, StorageError> {
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
        authz_version: item.number("authz_version")?,
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
