//! Statistics about all users of the deployment.

use std::collections::BTreeMap;

use super::session::Caller;
use super::users::UserError;
use crate::domain::facet::Facet;
use crate::domain::status_history::{StatusCount, Zone, history};
use crate::domain::user::UserStatus;
use crate::rbac::{Action, Object, ResourceType, authorize};
use crate::storage::Store;

/// Statistics about all users.
pub struct Insights {
    pub(crate) store: Store,
}

impl Insights {
    /// How many users had each status at the beginning of each of the last days, for callers who may read every user
    /// (docs/api/deployment.md#status-history). A change that is committed during the call may be counted on all days
    /// or on none.
    pub async fn user_status_counts(
        &self,
        caller: &Caller,
        zone: Zone,
    ) -> Result<BTreeMap<UserStatus, Vec<StatusCount>>, UserError> {
        if !authorize(&caller.subject, Action::Read, &Object::any(ResourceType::User)) {
            return Err(UserError::Forbidden);
        }
        let days = zone.days(caller.now);
        let since = days.first().map_or(caller.now, |day| day.to_utc().into());
        // On the heap: the future of a query is large.
        let (counts, changes) =
            tokio::try_join!(Box::pin(self.store.user_counts()), Box::pin(self.store.status_history(since)))?;
        let statuses = [UserStatus::Active, UserStatus::Dormant, UserStatus::Suspended];
        let present = statuses.into_iter().filter_map(|status| Some((status, counts.of(&Facet::Status(status))?)));
        Ok(history(&days, &present.collect(), &changes))
    }
}
