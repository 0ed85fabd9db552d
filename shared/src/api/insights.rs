//! The history of statuses on the wire (docs/api/deployment.md#status-history).

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use serde::Serialize;

use crate::domain::status_history::StatusCount;
use crate::domain::user::UserStatus;

/// A series for each status that a user has or had.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct GetUserStatusCountsResponse {
    /// By the name of the status, day after day.
    pub status_counts: BTreeMap<&'static str, Vec<UserStatusChangeCount>>,
}

/// One day of one status.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct UserStatusChangeCount {
    /// When the day begins, with the offset of the zone.
    pub date: String,
    /// How many users have the status then.
    pub count: u64,
}

impl From<StatusCount> for UserStatusChangeCount {
    fn from(StatusCount { date, count }: StatusCount) -> Self {
        Self { date: date.to_rfc3339_opts(SecondsFormat::Secs, true), count }
    }
}

impl From<BTreeMap<UserStatus, Vec<StatusCount>>> for GetUserStatusCountsResponse {
    fn from(history: BTreeMap<UserStatus, Vec<StatusCount>>) -> Self {
        let series = |counts: Vec<StatusCount>| counts.into_iter().map(UserStatusChangeCount::from).collect();
        Self { status_counts: history.into_iter().map(|(status, counts)| (status.as_str(), series(counts))).collect() }
    }
}
