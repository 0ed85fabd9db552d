//! Access to stored items: reads effects that the API cannot show, and writes items that no request would create.
#![expect(clippy::expect_used, reason = "a test that cannot begin fails")]

use std::collections::HashMap;
use std::sync::PoisonError;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use roster::auth::vault::Vault;
use roster::domain::user::User;
use roster::notifications::{Mail, messages};
use roster::storage::dynamodb::{import_items, items::Attributes};
use roster_local::DatabaseError;
use serde_json::Value;
use uuid::Uuid;

use crate::TestApp;
use crate::app::{ENCRYPTION_KEY, TABLE};

impl TestApp {
    /// Writes users into the table directly: profiles, listings, email claims, and a counter of the imported users.
    ///
    /// # Errors
    ///
    /// When the database refuses them.
    pub fn import_users(&self, users: &[User]) -> Result<(), DatabaseError> {
        let mut counts = self.imported.lock().unwrap_or_else(PoisonError::into_inner);
        for user in users {
            counts.add(user);
        }
        let items = users.iter().flat_map(|user| import_items(user, None)).chain([counts.item()]);
        self.database.import(TABLE, items.map(embedded_item).collect())
    }

    /// Every item of the table.
    ///
    /// # Panics
    ///
    /// When the table cannot be read.
    pub async fn items(&self) -> Vec<HashMap<String, AttributeValue>> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let page = self.client.scan().table_name(TABLE).set_exclusive_start_key(start).send().await;
            let page = page.expect("the table can be read");
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                return items;
            }
        }
    }

    /// The item with a partition and a sort key.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub async fn item(&self, partition: &str, sort: &str) -> HashMap<String, AttributeValue> {
        let get = self.client.get_item().table_name(TABLE).consistent_read(true);
        let get = get.key("PK", AttributeValue::S(partition.to_owned())).key("SK", AttributeValue::S(sort.to_owned()));
        let found = get.send().await.expect("the table can be read");
        found.item.unwrap_or_else(|| panic!("no item at {partition} / {sort}"))
    }

    /// Writes a second organization, as a copy of the items of the default one.
    ///
    /// # Panics
    ///
    /// When the table refuses it.
    pub async fn import_organization(&self, id: Uuid, name: &str) {
        let mut item = self.item("DEPLOYMENT", "DEFAULT_ORGANIZATION").await;
        let text = |text: &str| AttributeValue::S(text.to_owned());
        item.remove("default");
        item.insert("id".to_owned(), AttributeValue::B(Blob::new(id.as_bytes())));
        item.extend(["name", "display_name"].map(|attribute| (attribute.to_owned(), text(name))));
        for (partition, sort) in
            [(format!("ORGANIZATION#{id}"), "PROFILE"), (format!("ORGANIZATION_NAME#{name}"), "CLAIM")]
        {
            item.extend([("PK".to_owned(), text(&partition)), ("SK".to_owned(), text(sort))]);
            self.put_item(item.clone()).await;
        }
    }

    /// Deletes an item directly in the table.
    ///
    /// # Panics
    ///
    /// When the table refuses it.
    pub async fn remove_item(&self, partition: &str, sort: &str) {
        let delete = self.client.delete_item().table_name(TABLE);
        let delete = delete.key("PK", AttributeValue::S(partition.to_owned()));
        delete.key("SK", AttributeValue::S(sort.to_owned())).send().await.expect("the table gives the item up");
    }

    /// Makes an item unreadable by the removal of an attribute.
    ///
    /// # Panics
    ///
    /// When the table refuses it.
    pub async fn corrupt_item(&self, partition: &str, sort: &str, attribute: &str) {
        let mut item = self.item(partition, sort).await;
        item.remove(attribute).expect("the item has the attribute");
        self.put_item(item).await;
    }

    /// Replaces the value of an existing attribute of an item.
    ///
    /// # Panics
    ///
    /// When the table refuses it.
    pub async fn change_item(&self, partition: &str, sort: &str, attribute: &str, value: AttributeValue) {
        let mut item = self.item(partition, sort).await;
        item.insert(attribute.to_owned(), value).expect("the item has the attribute");
        self.put_item(item).await;
    }

    /// Puts an item.
    ///
    /// # Panics
    ///
    /// When the table refuses it.
    pub async fn put_item(&self, item: Attributes) {
        let put = self.client.put_item().table_name(TABLE).set_item(Some(item));
        put.send().await.expect("the table takes the item");
    }

    /// Every mail of the outbox, oldest first.
    ///
    /// # Panics
    ///
    /// When a message cannot be opened.
    pub async fn mails(&self) -> Vec<WrittenMail> {
        let vault = Vault::new(ENCRYPTION_KEY).expect("the key is one");
        let mut mails = Vec::new();
        for item in self.items().await {
            if !text_of(&item, "PK").starts_with("OUTBOX#") {
                continue;
            }
            let id = text_of(&item, "SK").parse().expect("the id is a UUID");
            let sealed = item["content"].as_b().expect("the content is sealed").as_ref();
            let at = number_of(&item, "created").expect("a message says when it was written");
            if let Some(Mail::OneTimePasscode { to, name, passcode }) =
                messages::open(sealed, id, &vault).expect("the content opens")
            {
                mails.push((at, WrittenMail { to, name, passcode: passcode.to_string() }));
            }
        }
        mails.sort_by_key(|(at, _)| *at);
        mails.into_iter().map(|(_, mail)| mail).collect()
    }

    /// The passcode of the newest mail to an address.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub async fn passcode(&self, email: &str) -> String {
        let mut mails = self.mails().await.into_iter().rev();
        mails.find(|mail| mail.to.eq_ignore_ascii_case(email)).expect("a mail was written").passcode
    }

    /// The audit log, oldest first.
    ///
    /// # Panics
    ///
    /// When an entry lacks an attribute.
    pub async fn audit_entries(&self) -> Vec<StoredEntry> {
        let items = self.items().await;
        let entries = items.iter().filter(|item| text_of(item, "PK").starts_with("AUDIT#"));
        let mut entries: Vec<StoredEntry> = entries.map(StoredEntry::of).collect();
        entries.sort_by_key(|entry| entry.at_micros);
        entries
    }

    /// The number of wrong passwords counted for an email address.
    pub async fn login_failures(&self, email: &str) -> u32 {
        let partition = format!("EMAIL#{email}");
        let items = self.items().await;
        let counter = items.iter().find(|item| text_of(item, "PK") == partition && text_of(item, "SK") == "ATTEMPTS");
        counter.and_then(|item| number_of(item, "failures")).and_then(|count| u32::try_from(count).ok()).unwrap_or(0)
    }

    /// Replaces the stored password hash of a user, as an import would.
    ///
    /// # Panics
    ///
    /// When no user has the email address.
    pub async fn import_password_hash(&self, email: &str, hash: &str) {
        let mut claim = self.item(&format!("EMAIL#{email}"), "CLAIM").await;
        claim.insert("password_hash".to_owned(), AttributeValue::S(hash.to_owned()));
        self.put_item(claim).await;
    }

    /// The stored password hash of a user.
    ///
    /// # Panics
    ///
    /// When no user has the email address, or the user has no password.
    pub async fn password_hash(&self, email: &str) -> String {
        let claim = self.item(&format!("EMAIL#{email}"), "CLAIM").await;
        claim["password_hash"].as_s().expect("a hash is a text").clone()
    }

    /// The keys of all items as `<partition> / <sort>`, sorted. The logs of changes, statuses and audit entries are
    /// left out because every write extends them.
    pub async fn item_keys(&self) -> Vec<String> {
        let mut keys = self.item_keys_with_logs().await;
        keys.retain(|key| !["DIRECTORY_LOG / ", "STATUS_HISTORY / ", "AUDIT#"].iter().any(|log| key.starts_with(log)));
        keys
    }

    /// The keys of all items, sorted.
    pub async fn item_keys_with_logs(&self) -> Vec<String> {
        let part = |item: &HashMap<String, AttributeValue>, name: &str| {
            item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
        };
        let items = self.items().await;
        let mut keys: Vec<String> =
            items.iter().map(|item| format!("{} / {}", part(item, "PK"), part(item, "SK"))).collect();
        keys.sort();
        keys
    }
}

/// A decrypted mail of the outbox.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrittenMail {
    /// The email address of the recipient.
    pub to: String,
    /// The name in the greeting.
    pub name: String,
    /// The passcode.
    pub passcode: String,
}

/// An entry of the audit log as stored.
#[derive(Clone, PartialEq, Debug)]
#[expect(missing_docs, reason = "named as in the log's answers (docs/api/audit-log.md#fields-of-an-entry)")]
pub struct StoredEntry {
    pub at_micros: i64,
    pub request_id: String,
    pub ip: String,
    pub user_agent: String,
    pub action: String,
    pub resource_type: String,
    pub resource_id: String,
    pub target: String,
    pub status: i64,
    pub user_id: String,
    pub diff: Value,
    pub additional_fields: Value,
    pub expires: Option<i64>,
}

impl StoredEntry {
    fn of(item: &Attributes) -> Self {
        let json = |name| serde_json::from_str(&text_of(item, name)).expect("the attribute holds JSON");
        Self {
            at_micros: number_of(item, "time").expect("an entry has a time"),
            request_id: uuid_of(item, "request_id"),
            ip: text_of(item, "ip"),
            user_agent: text_of(item, "user_agent"),
            action: text_of(item, "action"),
            resource_type: text_of(item, "resource_type"),
            resource_id: uuid_of(item, "resource_id"),
            target: text_of(item, "resource_target"),
            status: number_of(item, "status_code").expect("an entry has a status"),
            user_id: uuid_of(item, "user_id"),
            diff: json("diff"),
            additional_fields: json("additional_fields"),
            expires: number_of(item, "ttl"),
        }
    }
}

fn text_of(item: &Attributes, name: &str) -> String {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
}

fn number_of(item: &Attributes, name: &str) -> Option<i64> {
    item.get(name).and_then(|value| value.as_n().ok()).and_then(|number| number.parse().ok())
}

/// A UUID as text; empty when the attribute is missing.
fn uuid_of(item: &Attributes, name: &str) -> String {
    let bytes = item.get(name).and_then(|value| value.as_b().ok());
    bytes.and_then(|bytes| Uuid::from_slice(bytes.as_ref()).ok()).map(|id| id.to_string()).unwrap_or_default()
}

/// Converts an item of the SDK to one of the embedded database.
fn embedded_item(item: Attributes) -> HashMap<String, dynoxide::AttributeValue> {
    item.into_iter().map(|(name, value)| (name, embedded_value(value))).collect()
}

fn embedded_value(value: AttributeValue) -> dynoxide::AttributeValue {
    use dynoxide::AttributeValue as Embedded;
    match value {
        AttributeValue::S(text) => Embedded::S(text),
        AttributeValue::N(number) => Embedded::N(number),
        AttributeValue::B(bytes) => Embedded::B(bytes.into_inner()),
        AttributeValue::Bool(flag) => Embedded::BOOL(flag),
        AttributeValue::L(list) => Embedded::L(list.into_iter().map(embedded_value).collect()),
        AttributeValue::M(map) => Embedded::M(embedded_item(map)),
        other => panic!("no item has {other:?}"),
    }
}
