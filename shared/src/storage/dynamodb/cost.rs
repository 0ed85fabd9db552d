//! Counts what a request costs: sequential round trips, calls, and consumed capacity, seen by an SDK interceptor.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::config::ConfigBag;
use aws_sdk_dynamodb::config::interceptors::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemInput, BatchGetItemOutput};
use aws_sdk_dynamodb::operation::delete_item::{DeleteItemInput, DeleteItemOutput};
use aws_sdk_dynamodb::operation::put_item::{PutItemInput, PutItemOutput};
use aws_sdk_dynamodb::operation::query::{QueryInput, QueryOutput};
use aws_sdk_dynamodb::operation::transact_write_items::{TransactWriteItemsInput, TransactWriteItemsOutput};
use aws_sdk_dynamodb::operation::update_item::{UpdateItemInput, UpdateItemOutput};
use aws_sdk_dynamodb::types::ConsumedCapacity;
use aws_smithy_runtime_api::client::interceptors::context::Input;
use aws_smithy_types::config_bag::{Storable, StoreReplace};

/// What one request has cost so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CostTotals {
    /// The longest chain of calls that had to wait for one another.
    pub sequential: u32,
    /// Calls in all, retries included.
    pub calls: u32,
    /// Read capacity units.
    pub read_units: f64,
    /// Write capacity units.
    pub write_units: f64,
    /// What a policy must allow for these calls.
    pub permissions: BTreeSet<Permission>,
}

/// An action as policies name it, on the table or on one of its indexes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Permission {
    /// Such as `dynamodb:Query`.
    pub action: &'static str,
    /// The index; `None` for the table itself.
    pub index: Option<String>,
}

impl CostTotals {
    fn add(&mut self, other: Self) {
        self.sequential += other.sequential;
        self.calls += other.calls;
        self.read_units += other.read_units;
        self.write_units += other.write_units;
        self.permissions.extend(other.permissions);
    }
}

/// The cost of one request, which all of its calls share.
#[derive(Clone, Debug, Default)]
pub struct RequestCost(Arc<Mutex<CostTotals>>);

tokio::task_local! {
    static CURRENT: RequestCost;
}

impl RequestCost {
    /// The cost in scope.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Adds another cost, of calls that began after all calls counted here.
    pub fn add(&self, trips: CostTotals) {
        self.with(|own| own.add(trips));
    }

    /// What was counted so far.
    pub fn read(&self) -> CostTotals {
        self.with(|trips| trips.clone())
    }

    /// Runs the work of one request and counts its calls here.
    pub async fn scope<F: Future>(&self, work: F) -> F::Output {
        CURRENT.scope(self.clone(), work).await
    }

    fn with<T>(&self, change: impl FnOnce(&mut CostTotals) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How deep in its request's chain the present attempt stands.
#[derive(Debug)]
struct Depth(u32);

impl Storable for Depth {
    type Storer = StoreReplace<Self>;
}

/// The interceptor; without a [`RequestCost`] in scope it counts nothing.
#[derive(Debug)]
pub(super) struct CostInterceptor;

impl Intercept for CostInterceptor {
    fn name(&self) -> &'static str {
        "CostInterceptor"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let depth = CURRENT.try_with(|log| {
            log.with(|trips| {
                trips.permissions.extend(permissions(context.input()));
                // This call may have waited for any call that was answered before.
                trips.sequential + 1
            })
        });
        // Outside of a request, nothing is counted.
        if let Ok(depth) = depth {
            bag.interceptor_state().store_put(Depth(depth));
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _runtime: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let _counted = CURRENT.try_with(|log| log.with(|trips| trips.calls += 1));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _runtime: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(&Depth(depth)) = bag.load::<Depth>() else {
            return Ok(());
        };
        // Another attempt would wait for this one.
        bag.interceptor_state().store_put(Depth(depth + 1));
        let output = context.output_or_error().and_then(Result::ok);
        // Outside of a request, nothing is counted.
        let _counted = CURRENT.try_with(|log| {
            log.with(|trips| {
                trips.sequential = trips.sequential.max(depth);
                let Some(output) = output else { return };
                if let Some(output) = output.downcast_ref::<BatchGetItemOutput>() {
                    for capacity in output.consumed_capacity() {
                        trips.read_units += units(capacity);
                    }
                } else if let Some(output) = output.downcast_ref::<UpdateItemOutput>() {
                    trips.write_units += output.consumed_capacity().map_or(0.0, units);
                } else if let Some(output) = output.downcast_ref::<PutItemOutput>() {
                    trips.write_units += output.consumed_capacity().map_or(0.0, units);
                } else if let Some(output) = output.downcast_ref::<DeleteItemOutput>() {
                    trips.write_units += output.consumed_capacity().map_or(0.0, units);
                } else if let Some(output) = output.downcast_ref::<QueryOutput>() {
                    trips.read_units += output.consumed_capacity().map_or(0.0, units);
                } else if let Some(output) = output.downcast_ref::<TransactWriteItemsOutput>() {
                    for capacity in output.consumed_capacity() {
                        trips.write_units += units(capacity);
                    }
                }
            });
        });
        Ok(())
    }
}

/// What a call needs. A transaction needs the permissions of its parts.
fn permissions(input: &Input) -> Vec<Permission> {
    let on_table = |action| Permission { action, index: None };
    if input.downcast_ref::<BatchGetItemInput>().is_some() {
        return vec![on_table("dynamodb:BatchGetItem")];
    }
    if let Some(query) = input.downcast_ref::<QueryInput>() {
        return vec![Permission { action: "dynamodb:Query", index: query.index_name().map(str::to_owned) }];
    }
    if input.downcast_ref::<UpdateItemInput>().is_some() {
        return vec![on_table("dynamodb:UpdateItem")];
    }
    if input.downcast_ref::<PutItemInput>().is_some() {
        return vec![on_table("dynamodb:PutItem")];
    }
    if input.downcast_ref::<DeleteItemInput>().is_some() {
        return vec![on_table("dynamodb:DeleteItem")];
    }
    let transaction = input.downcast_ref::<TransactWriteItemsInput>();
    let parts = transaction.map(TransactWriteItemsInput::transact_items).unwrap_or_default();
    let actions = parts.iter().flat_map(|part| {
        [
            part.put().map(|_| "dynamodb:PutItem"),
            part.update().map(|_| "dynamodb:UpdateItem"),
            part.delete().map(|_| "dynamodb:DeleteItem"),
            part.condition_check().map(|_| "dynamodb:ConditionCheckItem"),
        ]
    });
    actions.flatten().map(on_table).collect()
}

fn units(capacity: &ConsumedCapacity) -> f64 {
    capacity.capacity_units().unwrap_or_default()
}
