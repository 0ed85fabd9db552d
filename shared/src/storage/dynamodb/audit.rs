//! The audit log: rows are written in the transaction of what they tell, or by themselves where nothing else changed.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;

use super::Store;
use super::items;
use super::transact::{Guard, Transaction, storage_error};
use crate::domain::audit::AuditRow;
use crate::storage::error::StorageError;

impl Store {
    /// Writes a row by itself. The same row again replaces itself.
    pub async fn put_audit_row(&self, row: &AuditRow) -> Result<(), StorageError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(self.audit_item(row)));
        put.return_consumed_capacity(ReturnConsumedCapacity::Indexes).send().await.map_err(storage_error)?;
        Ok(())
    }

    /// Writes a row along with what it tells, in place of the same row should it be there.
    pub(super) fn put_audit(&self, transaction: &mut Transaction<'_>, row: &AuditRow) {
        transaction.put(self.audit_item(row), None, Guard::Gone);
    }

    fn audit_item(&self, row: &AuditRow) -> items::Attributes {
        items::audit_item(row, self.audit_retention.map(|retention| row.at.plus(retention)))
    }
}
