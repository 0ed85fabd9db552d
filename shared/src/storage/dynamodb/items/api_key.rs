//! API keys, and the names that tokens hold.

use chrono::TimeDelta;

use super::{Attributes, Reader, Writer};
use crate::auth::token::ShortId;
use crate::domain::api_key::{ApiKey, KeyType};
use crate::storage::dynamodb::keys::ItemKey;
use crate::storage::dynamodb::table::{CREATED_AT, TOKEN, TOKEN_LISTING, TTL};
use crate::storage::error::StorageError;

/// `USER#<short>` / `KEY#<key id>`, with the index keys of named tokens and the TTL of every key.
pub(in crate::storage::dynamodb) fn api_key_item(key: &ApiKey) -> Attributes {
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
        // Expired tokens stay listed with `include_expired` until they are deleted.
        return writer.text(TOKEN_LISTING, TOKEN).0;
    }
    writer.number(TTL, key.expires_at.plus(TimeDelta::days(1)).unix_seconds()).0
}

/// A key, from its item or from the index of tokens.
pub(in crate::storage::dynamodb) fn read_api_key(item: &Attributes) -> Result<ApiKey, StorageError> {
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
pub(in crate::storage::dynamodb) fn token_name_item(key: &ApiKey) -> Attributes {
    Writer::at(&ItemKey::token_name(&ShortId::of(key.user_id), &key.token_name))
        .text("id", &key.id)
        .number("generation", key.generation)
        .0
}
