//! The audit log: rows are written in the transaction of what they tell, or by themselves where nothing else changed.

use super::Store;
use super::items;
use super::transact::Transaction;
use crate::domain::audit::AuditRow;
use crate::storage::error::StorageError;

impl Store {
    /// Writes a row by itself. The same row again replaces itself.
    pub async fn put_audit_row(&self, row: &AuditRow) -> Result<(), StorageError> {
        self.put_item(self.audit_item(row)).await
    }

    /// Writes a row along with what it tells, in place of the same row should it be there.
    pub(super) fn put_audit(&self, transaction: &mut Transaction<'_>, row: &AuditRow) {
        transaction.put(self.audit_item(row));
    }

    fn audit_item(&self, row: &AuditRow) -> items::Attributes {
        items::audit_item(row, self.audit_retention.map(|retention| row.at.plus(retention)))
    }
}
