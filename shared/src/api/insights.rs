//! The history of statuses on the wire (docs/api/deployment.md#status-history).

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use serde::Serialize;

use crate::domain::status_history::StatusCount;
use crate::domain::user::UserStatus;

/// One series of counts for each status that a user has or had.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct GetUserStatusCountsResponse {
    /// The counts of each day, by the name of the status.
    pub status_counts: BTreeMap<&'static str, Vec<UserStatusChangeCount>>,
}

/// One day of one status.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct UserStatusChangeCount {
    /// The beginning of the day, with the offset of the time zone.
    pub date: String,
    /// The number of users with the status at that time.
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
