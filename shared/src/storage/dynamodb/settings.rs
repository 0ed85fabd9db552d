//! Settings: replaced whole, on the condition that nobody replaced them meanwhile.

use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use super::Store;
use super::authz_precondition::AuthzPrecondition;
use super::items;
use super::table::PK;
use super::transact::{Condition, Guard, Transaction};
use crate::domain::settings::Settings;
use crate::storage::error::StorageError;

impl Store {
    /// Stores settings that were made from those of the version before.
    pub async fn put_settings(
        &self,
        user_id: Uuid,
        settings: &Settings,
        standing: &AuthzPrecondition,
    ) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        let before = settings.version.saturating_sub(1);
        let unchanged = if before == 0 {
            Condition::over(format!("attribute_not_exists({PK})"))
        } else {
            Condition::over("#version = :version".to_owned()).with([("version", AttributeValue::N(before.to_string()))])
        };
        transaction.put(items::settings_item(user_id, settings), Some(&unchanged), Guard::Version);
        standing.require(&mut transaction);
        Ok(transaction.commit().await?)
    }
}
