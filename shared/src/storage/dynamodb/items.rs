//! How domain values lie in items: attribute names, and the way back with every attribute checked. UUIDs are binary
//! and times numbers (microseconds since the Unix epoch), which halves what a page of users costs to read. What is
//! here is common to all; each kind of item has a file of its own.

mod api_key;
mod audit;
mod claim;
mod counters;
mod directory;
mod git_ssh_key;
mod organization;
mod outbox;
mod passcode;
mod settings;
mod user;

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use super::keys::ItemKey;
use super::table::{PK, SK};
use crate::domain::time::Timestamp;
use crate::storage::error::StorageError;
pub(super) use api_key::{api_key_item, read_api_key, token_name_item};
pub(super) use audit::audit_item;
pub use claim::{EmailClaim, StoredPassword};
pub(super) use claim::{email_claim_item, password_item, read_email_claim, read_password};
pub(super) use counters::{SEATS, USERS, counter_name, history_name, read_counters, read_status_history};
pub(super) use directory::{address_item, directory_change_item, read_directory_change};
pub(super) use git_ssh_key::{git_ssh_key_item, read_git_ssh_key};
pub(super) use organization::{organization_items, read_organization};
pub(super) use outbox::{outbox_item, read_outbox};
pub use passcode::StoredPasscode;
pub(super) use passcode::{passcode_item, read_passcode};
pub(super) use settings::{read_settings, settings_item};
pub(super) use user::{directory_item, listed_item, profile_item, read_user, record_value};

/// An item as the SDK has it.
pub type Attributes = HashMap<String, AttributeValue>;

/// Collects an item's attributes; empty texts, empty lists and `false` are left out.
#[derive(Default)]
struct Writer(Attributes);

impl Writer {
    fn at(key: &ItemKey) -> Self {
        Self(key.attributes())
    }

    fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    fn text(self, name: &str, text: &str) -> Self {
        if text.is_empty() {
            return self;
        }
        self.value(name, AttributeValue::S(text.to_owned()))
    }

    fn number(self, name: &str, number: impl Into<i128>) -> Self {
        self.value(name, AttributeValue::N(number.into().to_string()))
    }

    fn time(self, name: &str, time: Timestamp) -> Self {
        self.number(name, time.micros())
    }

    fn uuid(self, name: &str, id: Uuid) -> Self {
        self.value(name, uuid_value(id))
    }

    fn bytes(self, name: &str, bytes: &[u8]) -> Self {
        self.value(name, AttributeValue::B(Blob::new(bytes)))
    }

    fn flag(self, name: &str, flag: bool) -> Self {
        if !flag {
            return self;
        }
        self.value(name, AttributeValue::Bool(true))
    }

    fn texts(self, name: &str, texts: &[String]) -> Self {
        if texts.is_empty() {
            return self;
        }
        let list = texts.iter().cloned().map(AttributeValue::S).collect();
        self.value(name, AttributeValue::L(list))
    }
}

/// Reads an item's attributes; what is missing or of another kind names itself.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a Attributes);

impl<'a> Reader<'a> {
    fn corrupt(self, attribute: &'static str) -> StorageError {
        let part = |name: &str| match self.0.get(name) {
            Some(AttributeValue::S(text)) => text.clone(),
            _ => "?".to_owned(),
        };
        StorageError::Corrupt { item: format!("{} / {}", part(PK), part(SK)), attribute: attribute.to_owned() }
    }

    /// A text, empty when the attribute is missing.
    pub(super) fn text(self, name: &'static str) -> Result<&'a str, StorageError> {
        match self.0.get(name) {
            None => Ok(""),
            Some(AttributeValue::S(text)) => Ok(text),
            Some(_) => Err(self.corrupt(name)),
        }
    }

    fn parsed<T>(self, name: &'static str, parse: impl Fn(&str) -> Option<T>) -> Result<T, StorageError> {
        parse(self.text(name)?).ok_or_else(|| self.corrupt(name))
    }

    /// A whole number.
    pub(super) fn number<T: std::str::FromStr>(self, name: &'static str) -> Result<T, StorageError> {
        match self.0.get(name) {
            Some(AttributeValue::N(number)) => number.parse().map_err(|_| self.corrupt(name)),
            _ => Err(self.corrupt(name)),
        }
    }

    /// A whole number under a name that the item itself gave.
    fn counter(self, name: &str) -> Result<i64, StorageError> {
        let number = self.0.get(name).and_then(|value| value.as_n().ok()).and_then(|number| number.parse().ok());
        number.ok_or_else(|| self.corrupt("a counter"))
    }

    fn time(self, name: &'static str) -> Result<Timestamp, StorageError> {
        Timestamp::from_micros(self.number(name)?).ok_or_else(|| self.corrupt(name))
    }

    /// A UUID.
    pub(super) fn uuid(self, name: &'static str) -> Result<Uuid, StorageError> {
        Uuid::from_slice(self.bytes(name)?).map_err(|_| self.corrupt(name))
    }

    fn bytes(self, name: &'static str) -> Result<&'a [u8], StorageError> {
        match self.0.get(name) {
            Some(AttributeValue::B(bytes)) => Ok(bytes.as_ref()),
            _ => Err(self.corrupt(name)),
        }
    }

    fn flag(self, name: &'static str) -> Result<bool, StorageError> {
        match self.0.get(name) {
            None => Ok(false),
            Some(AttributeValue::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.corrupt(name)),
        }
    }

    fn map(self, name: &'static str) -> Result<Option<&'a Attributes>, StorageError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::M(map)) => Ok(Some(map)),
            Some(_) => Err(self.corrupt(name)),
        }
    }

    fn list(self, name: &'static str) -> Result<&'a [AttributeValue], StorageError> {
        match self.0.get(name) {
            None => Ok(&[]),
            Some(AttributeValue::L(list)) => Ok(list),
            Some(_) => Err(self.corrupt(name)),
        }
    }

    fn texts(self, name: &'static str) -> Result<Vec<String>, StorageError> {
        self.list(name)?.iter().map(|text| text.as_s().cloned().map_err(|_| self.corrupt(name))).collect()
    }
}

/// A number attribute.
pub(super) fn number_value(number: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

/// A text attribute.
pub(super) fn text_value(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A UUID as a binary attribute.
pub(super) fn uuid_value(id: Uuid) -> AttributeValue {
    AttributeValue::B(Blob::new(id.as_bytes().as_slice()))
}
