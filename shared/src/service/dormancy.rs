//! The scheduled job that makes long unseen users dormant (docs/api/dormancy.md#dormancy-job).

use chrono::TimeDelta;
use serde::Serialize;

use super::Service;
use crate::domain::user::UserStatus;
use crate::storage::{StorageError, UpdateUserConflict};

/// What a run did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct DormancyReport {
    /// Users that the index named.
    pub due: u64,
    /// Users that became dormant.
    pub changed: u64,
    /// Users that were seen, changed or deleted in the meantime: left alone.
    pub skipped: u64,
    /// Users whose record cannot be read: left alone, and each an error in the log.
    pub unreadable: u64,
}

impl Service {
    /// Makes every active user dormant who was last seen before the threshold. Each change is one transaction with
    /// the record's version as its condition, so a login at the same moment wins. Runs may overlap and repeat.
    pub async fn make_dormant(&self) -> Result<DormancyReport, StorageError> {
        let now = self.clock.now();
        let threshold = TimeDelta::from_std(self.config.dormancy_threshold).unwrap_or(TimeDelta::MAX);
        let cutoff = now.minus(threshold);
        let mut report = DormancyReport::default();
        let mut start = None;
        loop {
            let (due, next) = self.store.users_unseen_since(cutoff, start).await?;
            for user in due {
                report.due += 1;
                // The index lags behind: the record decides.
                let user = match self.store.lookup_user(user.id).await {
                    // One of them keeps nobody else from becoming dormant.
                    Err(error @ StorageError::Corrupt { .. }) => {
                        tracing::error!(id = %user.id, error = &error as &dyn std::error::Error, "an unreadable user");
                        report.unreadable += 1;
                        continue;
                    }
                    user => user?,
                };
                let is_due = |status, seen| status == UserStatus::Active && seen < cutoff;
                let Some(user) = user.filter(|user| !user.deleted && is_due(user.status, user.last_seen_at)) else {
                    report.skipped += 1;
                    continue;
                };
                let dormant = user.clone().with_status(UserStatus::Dormant, now);
                match self.store.update_user(&user, &dormant, None, None).await {
                    Ok(_) => report.changed += 1,
                    Err(UpdateUserConflict::Storage(error)) if !matches!(error, StorageError::Contention) => {
                        return Err(error);
                    }
                    Err(_) => report.skipped += 1,
                }
            }
            start = next;
            if start.is_none() {
                return Ok(report);
            }
        }
    }
}
