//! How a transaction merges the conditions of one item.

use std::sync::Arc;

use aws_sdk_dynamodb::config::{BehaviorVersion, Config};

use super::{Action, Transaction};
use crate::clock::{Random, SystemClock};
use crate::storage::dynamodb::Store;
use crate::storage::dynamodb::expression::{Change, Condition, Conflict, Precondition};
use crate::storage::dynamodb::items::number_value;
use crate::storage::dynamodb::keys::ItemKey;

fn store() -> Store {
    let config = Config::builder().behavior_version(BehaviorVersion::latest()).build();
    let client = aws_sdk_dynamodb::Client::from_conf(config);
    Store::new(client, "table".to_owned(), Arc::new(Random::from_seed(1)), Arc::new(SystemClock))
}

fn has_version(version: u8) -> Precondition {
    Condition::Equals("version", number_value(version)).otherwise(Conflict::Version)
}

fn is_permitted() -> Precondition {
    Condition::Equals("authz_version", number_value(7)).otherwise(Conflict::Authz)
}

#[test]
fn a_condition_on_an_item_that_is_written_joins_the_write() {
    let store = store();
    let mut transaction = Transaction::new(&store);
    transaction.put_if(ItemKey::first_user().attributes(), has_version(1));
    transaction.require(&ItemKey::first_user(), is_permitted());
    assert!(transaction.failure.is_none());
    let [operation] = transaction.operations.as_slice() else { panic!("{:?}", transaction.operations) };
    assert!(matches!(operation.action, Action::Put(_)));
    let conflicts: Vec<Conflict> = operation.preconditions.iter().map(|present| present.on_failure).collect();
    assert_eq!(conflicts, [Conflict::Version, Conflict::Authz]);
}

#[test]
fn a_write_of_an_item_that_was_checked_keeps_the_earlier_condition_first() {
    let store = store();
    let mut transaction = Transaction::new(&store);
    transaction.require(&ItemKey::owners(), is_permitted());
    transaction.delete_if(&ItemKey::owners(), has_version(1));
    let [operation] = transaction.operations.as_slice() else { panic!("{:?}", transaction.operations) };
    assert!(matches!(operation.action, Action::Delete));
    let conflicts: Vec<Conflict> = operation.preconditions.iter().map(|present| present.on_failure).collect();
    assert_eq!(conflicts, [Conflict::Authz, Conflict::Version]);
}

#[test]
fn a_merged_condition_names_both_values_in_the_request() {
    let store = store();
    let mut transaction = Transaction::new(&store);
    transaction.update_if(&ItemKey::owners(), Change::default().set("version", number_value(2)), has_version(1));
    transaction.require(&ItemKey::owners(), is_permitted());
    let operation = transaction.operations.remove(0);
    let request = operation.request("table").unwrap_or_else(|error| panic!("no request: {error}"));
    let Some(update) = request.update() else { panic!("no update: {request:?}") };
    assert_eq!(update.update_expression(), "SET #n0 = :v0");
    assert_eq!(update.condition_expression(), Some("#n0 = :v1 AND #n1 = :v2"));
    assert_eq!(update.expression_attribute_values().map(std::collections::HashMap::len), Some(3));
}

#[test]
fn a_second_write_of_an_item_fails_the_transaction() {
    let store = store();
    let mut transaction = Transaction::new(&store);
    transaction.put(ItemKey::owners().attributes());
    transaction.delete(&ItemKey::owners());
    assert!(transaction.failure.is_some());
}
