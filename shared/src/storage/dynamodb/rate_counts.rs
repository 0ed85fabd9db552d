//! How many requests a key had in a window, counted by every process together.

use aws_sdk_dynamodb::types::ReturnValue;

use super::Store;
use super::expression::Change;
use super::items::{Reader, number_value};
use super::keys::ItemKey;
use super::table::TTL;
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
        let change = Change::default().add(REQUESTS, number_value(requests)).set(TTL, number_value(last_needed));
        let counted = self.update_item(&ItemKey::requests(key, window), change, None, ReturnValue::UpdatedNew).await?;
        Reader(&counted).number(REQUESTS)
    }
}
