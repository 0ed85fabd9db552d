//! One state change as one `TransactWriteItems`, or as one conditional write of a single item. Both report the
//! precondition that did not hold, and both are repeated after a conflict with another transaction.

use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Put, ReturnConsumedCapacity, ReturnValue, TransactWriteItem, Update,
};
use chrono::TimeDelta;
use uuid::Uuid;

use super::Store;
use super::expression::{Change, Conflict, Expressions, Precondition};
use super::items::{Attributes, Reader};
use super::keys::ItemKey;
use super::table::{PK, SK};
use crate::domain::time::Timestamp;
use crate::storage::error::StorageError;
use crate::storage::write::Write;

/// Why a write changed nothing.
#[derive(Debug)]
pub(super) enum CommitError {
    /// A precondition did not hold. Of several, the one of the operation that was added first counts, and of several on
    /// one item the one that was added first.
    Refused(Conflict),
    /// Storage could not do it.
    Storage(StorageError),
}

impl From<CommitError> for StorageError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(Conflict::Authz) => Self::AuthzChanged,
            CommitError::Refused(_) => Self::Contention,
            CommitError::Storage(error) => error,
        }
    }
}

/// What an operation does to its item.
#[derive(Debug)]
enum Action {
    Check,
    Put(Attributes),
    Update(Change),
    Delete,
}

/// The one operation of a transaction on an item, with everything that must hold of the item.
#[derive(Debug)]
struct Operation {
    key: ItemKey,
    action: Action,
    preconditions: Vec<Precondition>,
}

impl Operation {
    fn request(self, table: &str) -> Result<TransactWriteItem, BuildError> {
        let change = if let Action::Update(change) = &self.action { Some(change) } else { None };
        let Expressions { change, condition, names, values } = Expressions::of(change, &self.preconditions);
        let key = Some(self.key.attributes());
        let item = TransactWriteItem::builder();
        let item = match self.action {
            Action::Check => item.condition_check(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(key)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
            Action::Put(attributes) => item.put(
                Put::builder()
                    .table_name(table)
                    .set_item(Some(attributes))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
            Action::Update(_) => item.update(
                Update::builder()
                    .table_name(table)
                    .set_key(key)
                    .set_update_expression(change)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
            Action::Delete => item.delete(
                Delete::builder()
                    .table_name(table)
                    .set_key(key)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .build()?,
            ),
        };
        Ok(item.build())
    }
}

/// A transaction under construction. DynamoDB takes one operation an item, so conditions on an item are merged into the
/// operation that writes it. A second write of an item fails the transaction.
pub(super) struct Transaction<'a> {
    store: &'a Store,
    operations: Vec<Operation>,
    created_at: Timestamp,
    failure: Option<StorageError>,
}

/// How often a write that met another transaction is repeated.
const CONFLICT_ATTEMPTS: u32 = 8;
/// A transaction older than this is not repeated. Together with the longest call this stays below the minute for which
/// readers of the change log look back.
const LATEST_ATTEMPT: TimeDelta = TimeDelta::seconds(40);

impl<'a> Transaction<'a> {
    pub(super) fn new(store: &'a Store) -> Self {
        Self { store, operations: Vec::new(), created_at: store.clock.now(), failure: None }
    }

    /// When the transaction was created. It is committed within a minute or not at all.
    pub(super) fn created_at(&self) -> Timestamp {
        self.created_at
    }

    pub(super) fn store(&self) -> &'a Store {
        self.store
    }

    /// A random id.
    pub(super) fn new_id(&self) -> Uuid {
        self.store.random.uuid()
    }

    /// Stores a whole item.
    pub(super) fn put(&mut self, item: Attributes) {
        self.put_item(item, None);
    }

    /// Stores a whole item if the precondition holds.
    pub(super) fn put_if(&mut self, item: Attributes, precondition: Precondition) {
        self.put_item(item, Some(precondition));
    }

    fn put_item(&mut self, item: Attributes, precondition: Option<Precondition>) {
        match key_of(&item) {
            Ok(key) => self.add(key, Action::Put(item), precondition),
            Err(error) => self.fail(error),
        }
    }

    /// Changes attributes of an item, which is created when it is missing.
    pub(super) fn update(&mut self, key: &ItemKey, change: Change) {
        self.add(key.clone(), Action::Update(change), None);
    }

    /// Changes attributes of an item if the precondition holds.
    pub(super) fn update_if(&mut self, key: &ItemKey, change: Change, precondition: Precondition) {
        self.add(key.clone(), Action::Update(change), Some(precondition));
    }

    /// Deletes an item; a missing one is no error.
    pub(super) fn delete(&mut self, key: &ItemKey) {
        self.add(key.clone(), Action::Delete, None);
    }

    /// Deletes an item if the precondition holds.
    pub(super) fn delete_if(&mut self, key: &ItemKey, precondition: Precondition) {
        self.add(key.clone(), Action::Delete, Some(precondition));
    }

    /// Demands a precondition of an item, whether or not the transaction writes it.
    pub(super) fn require(&mut self, key: &ItemKey, precondition: Precondition) {
        self.add(key.clone(), Action::Check, Some(precondition));
    }

    fn add(&mut self, key: ItemKey, action: Action, precondition: Option<Precondition>) {
        let Some(present) = self.operations.iter_mut().find(|present| present.key == key) else {
            self.operations.push(Operation { key, action, preconditions: Vec::from_iter(precondition) });
            return;
        };
        match (&present.action, &action) {
            (_, Action::Check) => {}
            (Action::Check, _) => present.action = action,
            _ => return self.fail(StorageError::Backend(format!("a transaction writes {key} twice").into())),
        }
        present.preconditions.extend(precondition);
    }

    fn fail(&mut self, error: StorageError) {
        self.failure.get_or_insert(error);
    }

    /// Applies everything, with what the write carries, or nothing. The request token makes a repetition after a lost
    /// answer harmless.
    pub(super) async fn commit(mut self, write: &Write) -> Result<(), CommitError> {
        self.complete(write);
        let store = self.store;
        if let Some(error) = self.failure {
            return Err(CommitError::Storage(error));
        }
        let first = |operation: &Operation| operation.preconditions.first().map(|first| first.on_failure);
        let conflicts: Vec<Option<Conflict>> = self.operations.iter().map(first).collect();
        let operations = self.operations.into_iter().map(|operation| operation.request(&store.table));
        let operations: Vec<TransactWriteItem> = operations
            .collect::<Result<_, _>>()
            .map_err(|error| CommitError::Storage(StorageError::Backend(error.into())))?;
        let request = store
            .client
            .transact_write_items()
            .set_transact_items(Some(operations))
            .client_request_token(store.random.uuid().to_string())
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes);
        let mut attempt = 0;
        loop {
            attempt += 1;
            let Err(error) = request.clone().send().await else { return Ok(()) };
            let codes = cancellation_codes(&error);
            let refused = codes.iter().position(|code| code == "ConditionalCheckFailed");
            if let Some(conflict) = refused.and_then(|index| conflicts.get(index).copied().flatten()) {
                return Err(CommitError::Refused(conflict));
            }
            if !is_temporary(&error, &codes) {
                return Err(CommitError::Storage(storage_error(error)));
            }
            let is_late = store.clock.now().since(self.created_at) > LATEST_ATTEMPT;
            if attempt >= CONFLICT_ATTEMPTS || is_late {
                return Err(CommitError::Storage(StorageError::Throttled(error.into())));
            }
            store.back_off(attempt).await;
        }
    }
}

fn key_of(item: &Attributes) -> Result<ItemKey, StorageError> {
    let item = Reader(item);
    Ok(ItemKey { partition: item.text(PK)?.to_owned(), sort: item.text(SK)?.to_owned() })
}

/// Writes of a single item outside of a transaction, which would cost twice as much. The SDK repeats a call whose answer
/// was lost, so use these only where a second application changes nothing or does no harm.
impl Store {
    /// Stores a whole item.
    pub(super) async fn put_item(&self, item: Attributes) -> Result<(), StorageError> {
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let request = request.return_consumed_capacity(ReturnConsumedCapacity::Indexes);
        self.repeat(None, || request.clone().send()).await?;
        Ok(())
    }

    /// Stores a whole item if the precondition holds.
    pub(super) async fn put_item_if(&self, item: Attributes, precondition: Precondition) -> Result<(), CommitError> {
        let precondition = Some(precondition);
        let expressions = Expressions::of(None, precondition.as_slice());
        let request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            .set_condition_expression(expressions.condition)
            .set_expression_attribute_names(expressions.names)
            .set_expression_attribute_values(expressions.values)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes);
        self.repeat(precondition.as_ref(), || request.clone().send()).await?;
        Ok(())
    }

    /// Changes attributes of an item, and returns those that `returned` selects.
    pub(super) async fn update_item(
        &self,
        key: &ItemKey,
        change: Change,
        precondition: Option<Precondition>,
        returned: ReturnValue,
    ) -> Result<Attributes, CommitError> {
        let expressions = Expressions::of(Some(&change), precondition.as_slice());
        let request = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .set_update_expression(expressions.change)
            .set_condition_expression(expressions.condition)
            .set_expression_attribute_names(expressions.names)
            .set_expression_attribute_values(expressions.values)
            .return_values(returned)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes);
        let answer = self.repeat(precondition.as_ref(), || request.clone().send()).await?;
        Ok(answer.attributes.unwrap_or_default())
    }

    /// Deletes an item if the precondition holds.
    pub(super) async fn delete_item(&self, key: &ItemKey, precondition: Precondition) -> Result<(), CommitError> {
        let precondition = Some(precondition);
        let expressions = Expressions::of(None, precondition.as_slice());
        let request = self
            .client
            .delete_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .set_condition_expression(expressions.condition)
            .set_expression_attribute_names(expressions.names)
            .set_expression_attribute_values(expressions.values)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes);
        self.repeat(precondition.as_ref(), || request.clone().send()).await?;
        Ok(())
    }

    /// Sends a write of one item until it does not meet a transaction.
    async fn repeat<T, E, F>(&self, precondition: Option<&Precondition>, send: impl Fn() -> F) -> Result<T, CommitError>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Future<Output = Result<T, SdkError<E>>>,
    {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let error = match send().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match (error.code(), precondition) {
                (Some("ConditionalCheckFailedException"), Some(precondition)) => {
                    return Err(CommitError::Refused(precondition.on_failure));
                }
                (Some("TransactionConflictException"), _) if attempt < CONFLICT_ATTEMPTS => {
                    self.back_off(attempt).await;
                }
                (Some("TransactionConflictException"), _) => {
                    return Err(CommitError::Storage(StorageError::Throttled(error.into())));
                }
                _ => return Err(CommitError::Storage(storage_error(error))),
            }
        }
    }
}

/// Why each operation of a cancelled transaction was cancelled; empty for any other error.
fn cancellation_codes(error: &SdkError<TransactWriteItemsError>) -> Vec<String> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or_default().to_owned()).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether the same transaction may succeed a moment later.
fn is_temporary(error: &SdkError<TransactWriteItemsError>, codes: &[String]) -> bool {
    let temporary =
        ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "TransactionInProgressException"];
    let is_one = |code: &str| temporary.contains(&code);
    codes.iter().any(|code| is_one(code)) || error.code().is_some_and(is_one)
}

/// Sorts an SDK error into those that may pass and those that will not.
pub(super) fn storage_error<E>(error: SdkError<E>) -> StorageError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let throttled = [
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "InternalServerError",
        "TransactionInProgressException",
    ];
    let by_code = error.code().is_some_and(|code| throttled.contains(&code));
    let by_time =
        matches!(error, SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_));
    if by_code || by_time { StorageError::Throttled(error.into()) } else { StorageError::Backend(error.into()) }
}

#[cfg(test)]
mod tests;
