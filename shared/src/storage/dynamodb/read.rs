//! Strongly consistent reads: any set of items in one round trip, by what they are rather than where they lie.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use aws_sdk_dynamodb::types::{KeysAndAttributes, ReturnConsumedCapacity};
use uuid::Uuid;

use super::items::{self, Attributes, EmailClaim, Reader, StoredPasscode, StoredPassword};
use super::keys::ItemKey;
use super::rate_counts::REQUESTS;
use super::transact::storage_error;
use super::{Store, table};
use crate::auth::git_ssh_key::GitSshKey;
use crate::auth::token::ShortId;
use crate::domain::api_key::ApiKey;
use crate::domain::organization::Organization;
use crate::domain::outbox::Pending;
use crate::domain::rate_limit::Window;
use crate::domain::settings::Settings;
use crate::domain::user::User;
use crate::storage::error::StorageError;

/// Something that can be read by its name alone.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Lookup {
    /// A user by id, deleted ones included.
    User(Uuid),
    /// The user who owns a key, by the key's id.
    OwnerOfKey(String),
    /// A user that is not deleted, by lower-cased username.
    Username(String),
    /// What a login reads, by lower-cased e-mail address.
    Email(String),
    /// The passcode that was asked for at a lower-cased e-mail address.
    Passcode(String),
    /// An API key by id.
    ApiKey(String),
    /// An organization by id.
    Organization(Uuid),
    /// An organization by lower-cased name.
    OrganizationName(String),
    /// The default organization.
    DefaultOrganization,
    /// Whether there is a first user.
    FirstUser,
    /// A user's git SSH key.
    GitSshKey(ShortId),
    /// A user's password.
    Password(ShortId),
    /// A user's settings.
    Settings(ShortId),
    /// How many requests a key had in a window.
    Requests([u8; 32], Window),
    /// A message of the outbox.
    Message(Uuid),
}

impl Lookup {
    /// Where it lies; `None` when nothing can lie there.
    fn key(&self) -> Option<ItemKey> {
        let key = match self {
            Self::User(id) => ItemKey::profile(&ShortId::of(*id)),
            Self::OwnerOfKey(key_id) => ItemKey::profile(&ShortId::of_key(key_id)?),
            Self::Username(folded) => ItemKey::username(folded),
            Self::Email(folded) => ItemKey::email(folded),
            Self::Passcode(folded) => ItemKey::passcode(folded),
            Self::ApiKey(key_id) => ItemKey::api_key(&ShortId::of_key(key_id)?, key_id),
            Self::Organization(id) => ItemKey::organization(*id),
            Self::OrganizationName(folded) => ItemKey::organization_name(folded),
            Self::DefaultOrganization => ItemKey::default_organization(),
            Self::FirstUser => ItemKey::first_user(),
            Self::GitSshKey(user) => ItemKey::git_ssh_key(user),
            Self::Password(user) => ItemKey::password(user),
            Self::Settings(user) => ItemKey::settings(user),
            Self::Requests(key, window) => ItemKey::requests(key, *window),
            Self::Message(id) => ItemKey::outbox(*id),
        };
        key.is_storable().then_some(key)
    }
}

/// What a read brought, and what it looked for in vain. Asking for something that was not read answers like something
/// that does not exist.
#[derive(Clone, Default)]
pub struct Records(HashMap<ItemKey, Option<Attributes>>);

/// Where the items lie and nothing of what they hold: hashes are among it.
impl std::fmt::Debug for Records {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Records {
    fn get(&self, lookup: &Lookup) -> Option<&Attributes> {
        self.0.get(&lookup.key()?)?.as_ref()
    }

    /// Whether the read looked for it: what is missing then does not exist.
    pub fn has_looked_for(&self, lookup: &Lookup) -> bool {
        lookup.key().is_some_and(|key| self.0.contains_key(&key))
    }

    /// The user of that id. Two users never share a short id, but an unknown id may have the short id of a user.
    pub fn user(&self, id: Uuid) -> Result<Option<User>, StorageError> {
        let user = self.get(&Lookup::User(id)).map(items::read_user).transpose()?;
        Ok(user.filter(|user| user.id == id))
    }

    /// The user who owns the key of that id, should the key exist.
    pub fn owner_of_key(&self, key_id: &str) -> Result<Option<User>, StorageError> {
        self.get(&Lookup::OwnerOfKey(key_id.to_owned())).map(items::read_user).transpose()
    }

    /// The user of that lower-cased username.
    pub fn username(&self, folded: &str) -> Result<Option<User>, StorageError> {
        // The directory also holds counters; no username leads there.
        if folded.starts_with('#') {
            return Ok(None);
        }
        self.get(&Lookup::Username(folded.to_owned())).map(items::read_user).transpose()
    }

    /// What a login with that lower-cased address reads.
    pub fn email(&self, folded: &str) -> Result<Option<EmailClaim>, StorageError> {
        self.get(&Lookup::Email(folded.to_owned())).map(items::read_email_claim).transpose()
    }

    /// The passcode that was asked for at that lower-cased address.
    pub fn passcode(&self, folded: &str) -> Result<Option<StoredPasscode>, StorageError> {
        self.get(&Lookup::Passcode(folded.to_owned())).map(items::read_passcode).transpose()
    }

    /// The key of that id.
    pub fn api_key(&self, id: &str) -> Result<Option<ApiKey>, StorageError> {
        self.get(&Lookup::ApiKey(id.to_owned())).map(items::read_api_key).transpose()
    }

    /// The organization of that id.
    pub fn organization(&self, id: Uuid) -> Result<Option<Organization>, StorageError> {
        self.get(&Lookup::Organization(id)).map(items::read_organization).transpose()
    }

    /// The organization of that lower-cased name.
    pub fn organization_name(&self, folded: &str) -> Result<Option<Organization>, StorageError> {
        self.get(&Lookup::OrganizationName(folded.to_owned())).map(items::read_organization).transpose()
    }

    /// The default organization.
    pub fn default_organization(&self) -> Result<Option<Organization>, StorageError> {
        self.get(&Lookup::DefaultOrganization).map(items::read_organization).transpose()
    }

    /// Whether there is a first user.
    pub fn has_first_user(&self) -> bool {
        self.get(&Lookup::FirstUser).is_some()
    }

    /// A user's git SSH key.
    pub fn git_ssh_key(&self, user_id: Uuid) -> Result<Option<GitSshKey>, StorageError> {
        let key = self.get(&Lookup::GitSshKey(ShortId::of(user_id)));
        key.map(items::read_git_ssh_key).transpose()
    }

    /// A user's password.
    pub fn password(&self, user_id: Uuid) -> Result<Option<StoredPassword>, StorageError> {
        let password = self.get(&Lookup::Password(ShortId::of(user_id)));
        password.map(items::read_password).transpose()
    }

    /// A user's settings.
    pub fn settings(&self, user_id: Uuid) -> Result<Option<Settings>, StorageError> {
        let settings = self.get(&Lookup::Settings(ShortId::of(user_id)));
        settings.map(items::read_settings).transpose()
    }

    /// How many requests a key had in a window.
    pub fn requests(&self, key: [u8; 32], window: Window) -> Result<u64, StorageError> {
        self.get(&Lookup::Requests(key, window)).map_or(Ok(0), |item| Reader(item).number(REQUESTS))
    }

    /// A message of the outbox.
    pub fn message(&self, id: Uuid) -> Result<Option<Pending>, StorageError> {
        self.get(&Lookup::Message(id)).map(|item| items::read_outbox(id, item)).transpose()
    }

    /// Adds an item that was read another way.
    pub(super) fn insert(&mut self, item: Attributes) -> Result<(), StorageError> {
        let key = ItemKey {
            partition: Reader(&item).text(table::PK)?.to_owned(),
            sort: Reader(&item).text(table::SK)?.to_owned(),
        };
        self.0.insert(key, Some(item));
        Ok(())
    }

    /// What another read brought, as well.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

/// How often unprocessed keys are asked for again before the request is given up.
const BATCH_ATTEMPTS: u32 = 6;
/// What DynamoDB takes in one batch.
const BATCH_KEYS: usize = 100;

impl Store {
    /// Reads everything named, strongly consistent: one round trip for up to 100 items, none for nothing.
    pub async fn read(&self, lookups: &[Lookup]) -> Result<Records, StorageError> {
        // A batch may not name an item twice, and two lookups may lead to one item.
        let keys: HashSet<ItemKey> = lookups.iter().filter_map(Lookup::key).collect();
        let keys: Vec<ItemKey> = keys.into_iter().collect();
        let mut records = Records(keys.iter().map(|key| (key.clone(), None)).collect());
        for batch in keys.chunks(BATCH_KEYS) {
            self.read_batch(batch, &mut records).await?;
        }
        Ok(records)
    }

    async fn read_batch(&self, keys: &[ItemKey], records: &mut Records) -> Result<(), StorageError> {
        let mut wanted: Vec<Attributes> = keys.iter().map(ItemKey::attributes).collect();
        for attempt in 0..BATCH_ATTEMPTS {
            if attempt > 0 {
                self.back_off(attempt).await;
            }
            let request = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut wanted)))
                .consistent_read(true)
                .build()
                .map_err(|error| StorageError::Backend(error.into()))?;
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.table, request)
                .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
                .send()
                .await
                .map_err(storage_error)?;
            for item in answer.responses.unwrap_or_default().into_values().flatten() {
                records.insert(item)?;
            }
            wanted = answer.unprocessed_keys.unwrap_or_default().into_values().flat_map(|rest| rest.keys).collect();
            if wanted.is_empty() {
                return Ok(());
            }
        }
        Err(StorageError::Throttled("keys of a batch stayed unprocessed".into()))
    }

    /// Waits before another attempt: twice as long each time, spread so that losers do not meet again.
    pub(super) async fn back_off(&self, attempt: u32) {
        let ceiling_ms = 25_u32 << attempt.min(5);
        let wait = ceiling_ms / 2 + self.random.below(ceiling_ms / 2 + 1);
        tokio::time::sleep(Duration::from_millis(u64::from(wait))).await;
    }
}
