//! Settings: replaced whole, if no other write replaced them meanwhile.

use uuid::Uuid;

use super::Store;
use super::expression::{Condition, Conflict};
use super::items::{self, number_value};
use super::transact::Transaction;
use crate::domain::settings::Settings;
use crate::storage::error::StorageError;
use crate::storage::write::Write;

impl Store {
    /// Stores settings that were made from those of the version before.
    pub async fn put_settings(&self, user_id: Uuid, settings: &Settings, write: &Write) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        let before = settings.version.saturating_sub(1);
        let unchanged =
            if before == 0 { Condition::Absent } else { Condition::Equals("version", number_value(before)) };
        transaction.put_if(items::settings_item(user_id, settings), unchanged.otherwise(Conflict::Version));
        Ok(transaction.commit(write).await?)
    }
}
