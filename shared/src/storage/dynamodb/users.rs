//! Users: creation, every change of the record, the directory, and who is due to become dormant.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use uuid::Uuid;

use super::attempts::delete_attempts;
use super::expression::{Change, Condition, Conflict, Precondition};
use super::facets::update_listings;
use super::items::{self, Attributes, Reader, number_value, text_value, uuid_value};
use super::keys::ItemKey;
use super::table::{ACTIVE, ACTIVE_BY_LAST_SEEN, ACTIVE_PARTITION, LAST_SEEN_AT};
use super::transact::{CommitError, Transaction, storage_error};
use super::{Store, addresses, read::Lookup};
use crate::auth::git_ssh_key::GitSshKey;
use crate::auth::password::PasswordHash;
use crate::auth::token::ShortId;
use crate::domain::api_key::ApiKey;
use crate::domain::names::fold_email;
use crate::domain::organization::Organization;
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::storage::error::StorageError;
use crate::storage::write::{Unaudited, Write};

/// Why a user could not be created.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserConflict {
    /// Another user that is not deleted has the username, in any case.
    #[error("the username is taken")]
    Username,
    /// Another user that is not deleted has the e-mail address, in any case.
    #[error("the e-mail address is taken")]
    Email,
    /// Another user's UUID begins with the same 35 bits: take another UUID.
    #[error("the short id is taken")]
    ShortId,
    /// There is a first user already.
    #[error("there is a first user already")]
    FirstUser,
    /// This organization does not exist.
    #[error("there is no organization {0}")]
    Organization(Uuid),
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a change of a user was not applied, beyond contention.
#[derive(Debug, thiserror::Error)]
pub enum UpdateUserConflict {
    /// Another user that is not deleted has the new username, in any case.
    #[error("the username is taken")]
    Username,
    /// No user would hold the role owner.
    #[error("the last owner would go")]
    LastOwner,
    /// Storage could not do it; [`StorageError::Contention`] when the record is no longer the one that was read.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// An active user who was last seen before some moment, as the index has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DueUser {
    /// The user.
    pub id: Uuid,
    /// When the index last heard that the user was seen.
    pub last_seen_at: Timestamp,
}

impl From<CommitError> for CreateUserConflict {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(Conflict::Username) => Self::Username,
            CommitError::Refused(Conflict::Email) => Self::Email,
            CommitError::Refused(Conflict::ShortId) => Self::ShortId,
            CommitError::Refused(Conflict::FirstUser) => Self::FirstUser,
            CommitError::Refused(Conflict::Organization(id)) => Self::Organization(id),
            other => Self::Storage(other.into()),
        }
    }
}

impl From<CommitError> for UpdateUserConflict {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(Conflict::Username) => Self::Username,
            CommitError::Refused(Conflict::LastOwner) => Self::LastOwner,
            other => Self::Storage(other.into()),
        }
    }
}

/// The items that a user of a bulk import has in the table: record, entries in the lists, and e-mail claim. Counters,
/// which [`ImportCounts`](super::ImportCounts) makes, and the set of owners are not among them.
pub fn import_items(user: &User, password_hash: Option<&PasswordHash>) -> Vec<Attributes> {
    let name = folded_username(user);
    let groups = user.facets().into_iter().map(|facet| items::listed_item(&ItemKey::facet(&facet, &name), user));
    let mut all: Vec<Attributes> = groups.collect();
    all.extend([items::profile_item(user), items::directory_item(user)]);
    if !user.email.is_empty() {
        all.extend([items::email_claim_item(user, password_hash), items::address_item(user)]);
    }
    all
}

fn folded_username(user: &User) -> String {
    user.username.to_ascii_lowercase()
}

impl Store {
    /// Creates a user with every claim, the git SSH key and the counts, in one transaction. The organizations of the user
    /// must exist. With `first_organization`, the user is the first one, and that organization is created with the user.
    pub async fn create_user(
        &self,
        user: &User,
        password_hash: Option<&PasswordHash>,
        git_ssh_key: &GitSshKey,
        first_organization: Option<&Organization>,
        write: &Write,
    ) -> Result<(), CreateUserConflict> {
        let mut transaction = Transaction::new(self);
        if let Some(organization) = first_organization {
            put_deployment(&mut transaction, user.id, organization);
        }
        put_new_user(&mut transaction, user, password_hash, git_ssh_key);
        if !user.email.is_empty() {
            delete_attempts(&mut transaction, &fold_email(&user.email));
        }
        if first_organization.is_none() {
            require_organizations(&mut transaction, user);
        }
        Ok(transaction.commit(write).await?)
    }

    /// Replaces the record of a user by its successor: profile, directory entry, claims, the set of owners and the
    /// count follow from the difference.
    pub async fn update_user(&self, before: &User, after: &User, write: &Write) -> Result<User, UpdateUserConflict> {
        let mut transaction = Transaction::new(self);
        let after = put_updated_user(&mut transaction, before, after, None);
        transaction.commit(write).await?;
        Ok(after)
    }

    /// Gives a user another password: the successor carries the next key generation, so every key is dead.
    pub async fn change_password(
        &self,
        before: &User,
        after: &User,
        hash: &PasswordHash,
        write: &Write,
    ) -> Result<User, UpdateUserConflict> {
        let mut transaction = Transaction::new(self);
        let after = put_updated_user(&mut transaction, before, after, Some(hash));
        transaction.commit(write).await?;
        Ok(after)
    }

    /// Marks a key as used and its user as seen. A key that another request marked, deleted or expired since the read
    /// stays as it is, because one use an hour is enough and a use must not revive a key. Returns
    /// [`StorageError::Contention`] when only the user's record changed: read again and retry.
    pub async fn update_last_used(
        &self,
        (user, seen): (&User, &User),
        (key, touched): (&ApiKey, &ApiKey),
    ) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        let as_read = Condition::All(vec![
            Condition::Equals("expires", number_value(key.expires_at.micros())),
            Condition::Equals("last_used", number_value(key.last_used.micros())),
        ]);
        // First, so that its refusal is the one that counts when the user's record changed along with it.
        transaction.put_if(items::api_key_item(touched), as_read.otherwise(Conflict::Missing));
        put_updated_user(&mut transaction, user, seen, None);
        match transaction.commit(&Write::bookkeeping(Unaudited::LastUsed)).await {
            Ok(()) | Err(CommitError::Refused(Conflict::Missing)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Active users last seen before `cutoff`, a page of the index at a time: begin with `None`, then pass what the
    /// last page returned. The index lags: the record decides.
    pub async fn users_unseen_since(
        &self,
        cutoff: Timestamp,
        start: Option<Attributes>,
    ) -> Result<(Vec<DueUser>, Option<Attributes>), StorageError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(ACTIVE_BY_LAST_SEEN)
            .key_condition_expression(format!("{ACTIVE_PARTITION} = :active AND {LAST_SEEN_AT} < :cutoff"))
            .expression_attribute_values(":active", AttributeValue::S(ACTIVE.to_owned()))
            .expression_attribute_values(":cutoff", AttributeValue::N(cutoff.micros().to_string()))
            .set_exclusive_start_key(start)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(storage_error)?;
        let due = answer.items().iter().map(|item| {
            let item = Reader(item);
            Ok(DueUser {
                id: item.uuid("id")?,
                last_seen_at: Timestamp::from_micros(item.number(LAST_SEEN_AT)?).unwrap_or(Timestamp::NEVER),
            })
        });
        let due: Result<Vec<DueUser>, StorageError> = due.collect();
        Ok((due?, answer.last_evaluated_key))
    }

    /// The user of that id, by itself.
    pub async fn lookup_user(&self, id: Uuid) -> Result<Option<User>, StorageError> {
        self.read(&[Lookup::User(id)]).await?.user(id)
    }
}

/// What a deployment begins with: the mark of its first user, and an organization.
fn put_deployment(transaction: &mut Transaction<'_>, first_user: Uuid, organization: &Organization) {
    let mut marker = ItemKey::first_user().attributes();
    marker.insert("id".to_owned(), items::uuid_value(first_user));
    let is_first = || Condition::Absent.otherwise(Conflict::FirstUser);
    transaction.put_if(marker, is_first());
    for item in items::organization_items(organization) {
        transaction.put_if(item, is_first());
    }
}

/// The organizations that a new user joins exist.
fn require_organizations(transaction: &mut Transaction<'_>, user: &User) {
    for id in user.organization_ids() {
        transaction.require(&ItemKey::organization(id), Condition::Exists.otherwise(Conflict::Organization(id)));
    }
}

fn put_new_user(
    transaction: &mut Transaction<'_>,
    user: &User,
    password_hash: Option<&PasswordHash>,
    git_ssh_key: &GitSshKey,
) {
    let absent = |conflict| Condition::Absent.otherwise(conflict);
    transaction.put_if(items::directory_item(user), absent(Conflict::Username));
    if !user.email.is_empty() {
        transaction.put_if(items::email_claim_item(user, password_hash), absent(Conflict::Email));
        addresses::insert(transaction, user);
    }
    transaction.put_if(items::profile_item(user), absent(Conflict::ShortId));
    transaction.put_if(items::git_ssh_key_item(git_ssh_key), absent(Conflict::ShortId));
    note_directory_change(transaction, &[folded_username(user)]);
    if let Some(hash) = password_hash {
        let password = items::password_item(user.id, hash, user.key_generation);
        transaction.put_if(password, absent(Conflict::ShortId));
    }
    update_listings(transaction, None, user);
    if user.is_owner() {
        add_owner(transaction, user.id);
    }
}

/// Writes what differs between two versions of a user, a new password included; returns the second with its version.
pub(super) fn put_updated_user(
    transaction: &mut Transaction<'_>,
    before: &User,
    after: &User,
    password_hash: Option<&PasswordHash>,
) -> User {
    let after = User { version: before.version + 1, ..after.clone() };
    let unchanged = Condition::Equals("version", number_value(before.version)).otherwise(Conflict::Version);
    transaction.put_if(items::profile_item(&after), unchanged);
    if let Some(hash) = password_hash {
        transaction.put(items::password_item(after.id, hash, after.key_generation));
    } else if after.deleted && !before.deleted {
        transaction.delete(&ItemKey::password(&ShortId::of(after.id)));
    }
    let sets_password = password_hash.is_some() && after.key_generation != before.key_generation;
    let is_activated = before.status == UserStatus::Suspended && after.status != UserStatus::Suspended;
    if !after.email.is_empty() && (sets_password || is_activated) {
        delete_attempts(transaction, &fold_email(&after.email));
    }
    // A deleted user has neither claims nor a place in the directory, in the count or among the owners.
    if before.deleted {
        return after;
    }
    let (old_name, new_name) = (folded_username(before), folded_username(&after));
    let mine = Condition::Equals("id", uuid_value(before.id)).otherwise(Conflict::Version);
    if after.deleted || old_name != new_name {
        transaction.delete_if(&ItemKey::username(&old_name), mine.clone());
    }
    if !after.deleted {
        let free = Condition::Absent.otherwise(Conflict::Username);
        transaction.put_if(items::directory_item(&after), if old_name == new_name { mine.clone() } else { free });
    }
    let kept = (!after.deleted && new_name != old_name).then_some(new_name);
    note_directory_change(transaction, &[vec![old_name], kept.into_iter().collect()].concat());
    put_email_claim(transaction, before, &after, password_hash, mine);
    update_listings(transaction, Some(before), &after);
    let is_owner = after.is_owner() && !after.deleted;
    if is_owner && !before.is_owner() {
        add_owner(transaction, after.id);
    }
    if before.is_owner() && !is_owner {
        remove_owner(transaction, before.id);
    }
    after
}

/// Keeps what a login reads equal to the record.
fn put_email_claim(
    transaction: &mut Transaction<'_>,
    before: &User,
    after: &User,
    password_hash: Option<&PasswordHash>,
    mine: Precondition,
) {
    if before.email.is_empty() {
        return;
    }
    let key = ItemKey::email(&fold_email(&before.email));
    if after.deleted {
        transaction.delete_if(&key, mine);
        addresses::delete(transaction, before);
        return;
    }
    let login_reads = |user: &User| {
        let temporary = user.password_is_temporary;
        let names = (folded_username(user), user.greeting().to_owned());
        (user.status, user.roles.clone(), user.login_type, user.key_generation, temporary, names)
    };
    let is_dormant = after.status == UserStatus::Dormant;
    if login_reads(before) == login_reads(after) && password_hash.is_none() && !is_dormant {
        return;
    }
    let mut change = Change::default()
        .set("status", text_value(after.status.as_str()))
        .set("login_type", text_value(after.login_type.as_str()))
        .set("generation", number_value(after.key_generation))
        .set("username", text_value(folded_username(after)))
        .set("greeting", text_value(after.greeting()))
        .set("roles", AttributeValue::L(after.roles.iter().cloned().map(AttributeValue::S).collect()))
        .set("temporary_password", AttributeValue::Bool(after.password_is_temporary));
    if let Some(hash) = password_hash {
        change = change.set("password_hash", text_value(hash.as_str()));
    }
    // The login of a dormant user finds the record to activate here.
    let change = if is_dormant { change.set("record", items::record_value(after)) } else { change.remove("record") };
    transaction.update_if(&key, change, mine);
}

/// Tells every directory kept in memory which of its names to look at again.
pub(super) fn note_directory_change(transaction: &mut Transaction<'_>, names: &[String]) {
    transaction.put(items::directory_change_item(transaction.created_at(), transaction.new_id(), names));
}

fn owner_set(id: Uuid) -> AttributeValue {
    AttributeValue::Ss(vec![id.to_string()])
}

fn add_owner(transaction: &mut Transaction<'_>, id: Uuid) {
    transaction.update(&ItemKey::owners(), Change::default().add("ids", owner_set(id)));
}

/// Removes an owner from the set, unless it is the last one.
fn remove_owner(transaction: &mut Transaction<'_>, id: Uuid) {
    let change = Change::default().delete_from_set("ids", owner_set(id));
    transaction.update_if(&ItemKey::owners(), change, Condition::HasSeveral("ids").otherwise(Conflict::LastOwner));
}
