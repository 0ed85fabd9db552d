//! The scheduled job that makes users dormant who were not seen for long (docs/api/dormancy.md#dormancy-job).

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use serde::Serialize;

use super::audit::AuditLog;
use crate::clock::Clock;
use crate::domain::user::UserStatus;
use crate::storage::{StorageError, Store, UpdateUserConflict, Write};

/// The result of one run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct DormancyReport {
    /// Users that the index returned.
    pub due: u64,
    /// Users that became dormant.
    pub changed: u64,
    /// Users that were seen, changed or deleted in the meantime. They stay as they are.
    pub skipped: u64,
    /// Users whose item cannot be read. They stay as they are, and each is an error in the log.
    pub unreadable: u64,
}

/// The scheduled job on the users of the deployment.
pub struct Dormancy {
    store: Store,
    clock: Arc<dyn Clock>,
    threshold: TimeDelta,
    audit: AuditLog,
}

impl Dormancy {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>, threshold: Duration, audit: AuditLog) -> Self {
        Self { store, clock, audit, threshold: TimeDelta::from_std(threshold).unwrap_or(TimeDelta::MAX) }
    }

    /// Makes every active user dormant who was last seen before the threshold. Each change is one transaction with the
    /// item's version as its condition, so a login at the same moment wins. Runs may overlap and repeat.
    pub async fn run(&self) -> Result<DormancyReport, StorageError> {
        let now = self.clock.now();
        let cutoff = now.minus(self.threshold);
        let mut report = DormancyReport::default();
        let mut start = None;
        loop {
            let (due, next) = self.store.users_unseen_since(cutoff, start).await?;
            for user in due {
                report.due += 1;
                // The index is eventually consistent: the item decides.
                let user = match self.store.lookup_user(user.id).await {
                    // One unreadable item does not stop the run.
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
                let write = Write::by_job(self.audit.entry_for_status(&user, &dormant, now));
                match self.store.update_user(&user, &dormant, &write).await {
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
