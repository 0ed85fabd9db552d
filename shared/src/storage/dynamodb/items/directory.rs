//! Changes of the directory, and e-mail addresses in the order of their domains.

use chrono::TimeDelta;
use uuid::Uuid;

use super::{Attributes, Reader, Writer};
use crate::domain::names::fold_email;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::storage::dynamodb::keys::ItemKey;
use crate::storage::dynamodb::table::TTL;
use crate::storage::error::StorageError;

/// `DIRECTORY_LOG` / `<moment>#<id>`: lower-cased usernames whose entry changed or is gone.
pub(in crate::storage::dynamodb) fn directory_change_item(at: Timestamp, id: Uuid, names: &[String]) -> Attributes {
    Writer::at(&ItemKey::directory_change(at, id))
        .texts("names", names)
        .number(TTL, at.plus(TimeDelta::days(1)).unix_seconds())
        .0
}

/// What a change of the directory names.
pub(in crate::storage::dynamodb) fn read_directory_change(item: &Attributes) -> Result<Vec<String>, StorageError> {
    Reader(item).texts("names")
}

/// `DIRECTORY#EMAIL` / `<domain>@<local part, backwards>`: whose address it is.
pub(in crate::storage::dynamodb) fn address_item(user: &User) -> Attributes {
    Writer::at(&ItemKey::address(&fold_email(&user.email), user.id)).uuid("id", user.id).0
}
