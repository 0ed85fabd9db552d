//! Counters of users, and the days of the history of statuses.

use super::{Attributes, Reader};
use crate::domain::facet::Facet;
use crate::domain::status_history::StatusChanges;
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;
use crate::storage::dynamodb::table::{PK, SK, TTL};
use crate::storage::error::StorageError;

/// The counter of all users.
pub(in crate::storage::dynamodb) const USERS: &str = "users";
/// Attribute of a counter: active people.
pub(in crate::storage::dynamodb) const SEATS: &str = "seats";

const QUARTER_SECONDS: i64 = 900;
const DAY_SECONDS: i64 = 86_400;

/// The counter of a group, in `DIRECTORY` / `#COUNT#<shard>`.
pub(in crate::storage::dynamodb) fn counter_name(facet: &Facet) -> String {
    match facet {
        Facet::Status(status) => format!("status#{}", status.as_str()),
        Facet::Role(role) => format!("role#{role}"),
    }
}

/// The counter of a status in the quarter of an hour of that moment, in `STATUS_HISTORY` / `<day>#<shard>`.
pub(in crate::storage::dynamodb) fn history_name(status: UserStatus, at: Timestamp) -> String {
    let quarter = at.unix_seconds().rem_euclid(DAY_SECONDS) / QUARTER_SECONDS;
    format!("{}#{quarter}", status.as_str())
}

/// All counters of an item, by name.
pub(in crate::storage::dynamodb) fn read_counters(item: &Attributes) -> Result<Vec<(String, i64)>, StorageError> {
    let names = item.keys().filter(|name| ![PK, SK, TTL].contains(&name.as_str()));
    names.map(|name| Ok((name.clone(), Reader(item).counter(name)?))).collect()
}

/// The changes of a day.
pub(in crate::storage::dynamodb) fn read_status_history(item: &Attributes) -> Result<Vec<StatusChanges>, StorageError> {
    let corrupt = || Reader(item).corrupt(SK);
    let day = Reader(item).text(SK)?.split('#').next().and_then(|day| day.parse::<i64>().ok()).ok_or_else(corrupt)?;
    let changes = read_counters(item)?.into_iter().map(|(name, by)| {
        let (status, quarter) = name.split_once('#').ok_or_else(corrupt)?;
        let (status, quarter) = UserStatus::parse(status).zip(quarter.parse::<i64>().ok()).ok_or_else(corrupt)?;
        let seconds = day * DAY_SECONDS + quarter * QUARTER_SECONDS;
        let at = Timestamp::from_micros(seconds * 1_000_000).ok_or_else(corrupt)?;
        Ok(StatusChanges { at, status, by })
    });
    changes.collect()
}
