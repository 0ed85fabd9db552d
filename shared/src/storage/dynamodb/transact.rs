//! One state change as one `TransactWriteItems`: its operations, the conditions they carry, and what a refusal means.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, ReturnConsumedCapacity, TransactWriteItem, Update,
};

use chrono::TimeDelta;
use uuid::Uuid;

use super::Store;
use super::items::{Attributes, Reader, uuid_value};
use super::keys::ItemKey;
use super::table::{PK, SK};
use crate::domain::time::Timestamp;
use crate::storage::error::StorageError;

/// What a condition protects: says what it means when the condition does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Guard {
    /// The caller may no longer do this.
    Authz,
    /// The record is no longer the one that was read.
    Version,
    /// The short id of a new user is taken.
    ShortId,
    /// The username is taken.
    Username,
    /// The e-mail address is taken.
    Email,
    /// There is a first user already.
    FirstUser,
    /// The last owner would go.
    LastOwner,
    /// An organization is gone.
    Organization,
    /// The id of a new key is taken.
    KeyId,
    /// The token name is taken.
    TokenName,
    /// The passcode is used up, or another one took its place.
    Passcode,
    /// The item to change is gone.
    Gone,
    /// The item to make is there.
    Absent,
}

/// Why a transaction changed nothing.
#[derive(Debug)]
pub(super) enum CommitError {
    /// The first condition, in the order in which they were added, that did not hold.
    Refused(Guard),
    /// Storage could not do it.
    Storage(StorageError),
}

impl From<CommitError> for StorageError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(Guard::Authz) => Self::AuthzChanged,
            CommitError::Refused(_) => Self::Contention,
            CommitError::Storage(error) => error,
        }
    }
}

/// A condition (or update) expression with its names and values.
#[derive(Clone, Debug, Default)]
pub(super) struct Condition {
    expression: String,
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Condition {
    /// There is no such item.
    pub(super) fn absent() -> Self {
        Self::over(format!("attribute_not_exists({PK})"))
    }

    /// There is such an item.
    pub(super) fn exists() -> Self {
        Self::over(format!("attribute_exists({PK})"))
    }

    /// A number attribute has this value.
    pub(super) fn equals(attribute: &str, value: u64) -> Self {
        Self::over(format!("#{attribute} = :{attribute}"))
            .named(attribute)
            .valued(attribute, AttributeValue::N(value.to_string()))
    }

    /// A number attribute is not less than this value; a missing item is.
    pub(super) fn at_least(attribute: &str, value: i64) -> Self {
        Self::over(format!("#{attribute} >= :{attribute}"))
            .named(attribute)
            .valued(attribute, AttributeValue::N(value.to_string()))
    }

    /// A UUID attribute has this value.
    pub(super) fn is(attribute: &str, id: Uuid) -> Self {
        Self::over(format!("#{attribute} = :{attribute}")).named(attribute).valued(attribute, uuid_value(id))
    }

    /// A text attribute has this value.
    pub(super) fn reads(attribute: &str, text: &str) -> Self {
        Self::over(format!("#{attribute} = :{attribute}"))
            .named(attribute)
            .valued(attribute, AttributeValue::S(text.to_owned()))
    }

    /// A condition in DynamoDB's own words; its names and values follow.
    pub(super) fn over(expression: String) -> Self {
        Self { expression, ..Self::default() }
    }

    /// Lets the expression say `#attribute`.
    pub(super) fn named(self, attribute: &str) -> Self {
        self.aliased(attribute, attribute)
    }

    /// Lets the expression say `#alias` for an attribute whose name it could not.
    pub(super) fn aliased(mut self, alias: &str, attribute: &str) -> Self {
        self.names.insert(format!("#{alias}"), attribute.to_owned());
        self
    }

    /// Lets the expression say `:name`.
    pub(super) fn valued(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(format!(":{name}"), value);
        self
    }

    /// Values for an update expression that says `#name = :name`.
    pub(super) fn with<const N: usize>(self, values: [(&str, AttributeValue); N]) -> Self {
        values.into_iter().fold(self, |all, (name, value)| all.named(name).valued(name, value))
    }

    /// Both hold.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.expression = format!("{} AND {}", self.expression, other.expression);
        self.names.extend(other.names);
        self.values.extend(other.values);
        self
    }

    fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}

/// A transaction under construction.
pub(super) struct Transaction<'a> {
    store: &'a Store,
    operations: Vec<TransactWriteItem>,
    guards: Vec<Guard>,
    touched: HashSet<ItemKey>,
    made: Timestamp,
    failure: Option<StorageError>,
}

/// How often a transaction that met another one is tried again.
const CONFLICT_ATTEMPTS: u32 = 8;
/// A transaction older than this is not tried again. With the time that one call may take it stays below the minute for
/// which readers of the directory's log look back.
const LATEST_ATTEMPT: TimeDelta = TimeDelta::seconds(40);

impl<'a> Transaction<'a> {
    pub(super) fn new(store: &'a Store) -> Self {
        Self {
            store,
            operations: Vec::new(),
            guards: Vec::new(),
            touched: HashSet::new(),
            made: store.clock.now(),
            failure: None,
        }
    }

    /// When the transaction was made; it is committed within a minute or not at all.
    pub(super) fn made(&self) -> Timestamp {
        self.made
    }

    /// An id that nothing has.
    pub(super) fn new_id(&self) -> Uuid {
        self.store.random.uuid()
    }

    /// Stores an item whole, should its condition hold.
    pub(super) fn put(&mut self, item: Attributes, condition: Option<&Condition>, guard: Guard) {
        let place = Reader(&item).text(PK).and_then(|partition| {
            Ok(ItemKey { partition: partition.to_owned(), sort: Reader(&item).text(SK)?.to_owned() })
        });
        let key = match place {
            Ok(key) => key,
            Err(error) => return self.fail(error),
        };
        let put = Put::builder()
            .table_name(&self.store.table)
            .set_item(Some(item))
            .set_condition_expression(condition.map(|condition| condition.expression.clone()))
            .set_expression_attribute_names(condition.and_then(Condition::names))
            .set_expression_attribute_values(condition.and_then(Condition::values))
            .build();
        self.push(key, guard, put, |put| TransactWriteItem::builder().put(put).build());
    }

    /// Changes attributes: `change` is the update expression with its own names and values.
    pub(super) fn update(&mut self, key: &ItemKey, change: Condition, condition: Option<&Condition>, guard: Guard) {
        let mut names = change.names;
        let mut values = change.values;
        if let Some(condition) = condition {
            names.extend(condition.names.clone());
            values.extend(condition.values.clone());
        }
        let update = Update::builder()
            .table_name(&self.store.table)
            .set_key(Some(key.attributes()))
            .update_expression(change.expression)
            .set_condition_expression(condition.map(|condition| condition.expression.clone()))
            .set_expression_attribute_names((!names.is_empty()).then_some(names))
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .build();
        self.push(key.clone(), guard, update, |update| TransactWriteItem::builder().update(update).build());
    }

    /// Removes an item, should its condition hold.
    pub(super) fn delete(&mut self, key: &ItemKey, condition: Option<&Condition>, guard: Guard) {
        let delete = Delete::builder()
            .table_name(&self.store.table)
            .set_key(Some(key.attributes()))
            .set_condition_expression(condition.map(|condition| condition.expression.clone()))
            .set_expression_attribute_names(condition.and_then(Condition::names))
            .set_expression_attribute_values(condition.and_then(Condition::values))
            .build();
        self.push(key.clone(), guard, delete, |delete| TransactWriteItem::builder().delete(delete).build());
    }

    /// Demands a condition of an item that the transaction does not write; add it last.
    pub(super) fn check(&mut self, key: &ItemKey, condition: &Condition, guard: Guard) {
        if self.touched.contains(key) {
            return;
        }
        let check = ConditionCheck::builder()
            .table_name(&self.store.table)
            .set_key(Some(key.attributes()))
            .condition_expression(&condition.expression)
            .set_expression_attribute_names(condition.names())
            .set_expression_attribute_values(condition.values())
            .build();
        self.push(key.clone(), guard, check, |check| TransactWriteItem::builder().condition_check(check).build());
    }

    fn push<T, E: std::error::Error + Send + Sync + 'static>(
        &mut self,
        key: ItemKey,
        guard: Guard,
        operation: Result<T, E>,
        wrap: impl Fn(T) -> TransactWriteItem,
    ) {
        match operation {
            Ok(operation) => {
                self.operations.push(wrap(operation));
                self.guards.push(guard);
                self.touched.insert(key);
            }
            Err(error) => self.fail(StorageError::Backend(error.into())),
        }
    }

    fn fail(&mut self, error: StorageError) {
        self.failure.get_or_insert(error);
    }

    /// Applies everything or nothing. The request token makes a repetition after a lost answer harmless.
    pub(super) async fn commit(self) -> Result<(), CommitError> {
        if let Some(error) = self.failure {
            return Err(CommitError::Storage(error));
        }
        let token = self.store.random.uuid().to_string();
        for attempt in 1.. {
            let result = self
                .store
                .client
                .transact_write_items()
                .set_transact_items(Some(self.operations.clone()))
                .client_request_token(&token)
                .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
                .send()
                .await;
            let Err(error) = result else { return Ok(()) };
            let codes = cancellation_codes(&error);
            let refused = codes.iter().position(|code| code == "ConditionalCheckFailed");
            if let Some(guard) = refused.and_then(|index| self.guards.get(index)) {
                return Err(CommitError::Refused(*guard));
            }
            if !may_pass(&error, &codes) {
                return Err(CommitError::Storage(storage_error(error)));
            }
            let is_late = self.store.clock.now().since(self.made) > LATEST_ATTEMPT;
            if attempt >= CONFLICT_ATTEMPTS || is_late {
                return Err(CommitError::Storage(StorageError::Throttled(error.into())));
            }
            self.store.back_off(attempt).await;
        }
        Err(CommitError::Storage(StorageError::Contention))
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
fn may_pass(error: &SdkError<TransactWriteItemsError>, codes: &[String]) -> bool {
    let passing =
        ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "TransactionInProgressException"];
    let is_passing = |code: &str| passing.contains(&code);
    codes.iter().any(|code| is_passing(code)) || error.code().is_some_and(is_passing)
}

/// Sorts an SDK error: patience helps, or it does not.
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
