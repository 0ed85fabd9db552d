//! How many requests a key had in a window, counted by every process together.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValue};

use super::Store;
use super::items::Reader;
use super::keys::ItemKey;
use super::table::TTL;
use super::transact::storage_error;
use crate::domain::rate_limit::{WINDOW_SECONDS, Window};
use crate::storage::error::StorageError;

/// The attribute that counts.
pub(super) const REQUESTS: &str = "requests";

impl Store {
    /// Adds to the requests of a key in a window and returns how many there are now. A repetition after a lost answer
    /// counts twice: for a limit that is close enough.
    pub async fn add_requests(&self, key: &[u8; 32], window: Window, requests: u64) -> Result<u64, StorageError> {
        // The window is asked for as long as the next one lasts.
        let last_needed = window.end_seconds() + WINDOW_SECONDS;
        let answer = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(ItemKey::requests(key, window).attributes()))
            .update_expression("ADD #requests :requests SET #ttl = :ttl")
            .expression_attribute_names("#requests", REQUESTS)
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_values(":requests", AttributeValue::N(requests.to_string()))
            .expression_attribute_values(":ttl", AttributeValue::N(last_needed.to_string()))
            .return_values(ReturnValue::UpdatedNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(storage_error)?;
        let counted = answer.attributes.unwrap_or_default();
        Reader(&counted).number(REQUESTS)
    }
}
