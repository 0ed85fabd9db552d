//! Users: creation, every change of the record, the directory, and who is due to become dormant.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use uuid::Uuid;

use super::authz_precondition::AuthzPrecondition;
use super::facets::update_listings;
use super::items::{self, Attributes, Reader};
use super::keys::ItemKey;
use super::table::{ACTIVE, ACTIVE_BY_LAST_SEEN, ACTIVE_PARTITION, LAST_SEEN_AT};
use super::transact::{CommitError, Condition, Guard, Transaction, storage_error};
use super::{Store, addresses, read::Lookup};
use crate::auth::git_ssh_key::GitSshKey;
use crate::auth::password::PasswordHash;
use crate::auth::token::ShortId;
use crate::domain::api_key::ApiKey;
use crate::domain::audit::AuditRow;
use crate::domain::names::fold_email;
use crate::domain::organization::Organization;
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::storage::error::StorageError;

/// Why a user could not be created.
#[derive(Debug, thiserror::Error)]
pub enum CreateUserConflict {
    /// Somebody who is not deleted has the username, whatever its case.
    #[error("the username is taken")]
    Username,
    /// Somebody who is not deleted has the e-mail address, whatever its case.
    #[error("the e-mail address is taken")]
    Email,
    /// Another user's UUID begins with the same 35 bits: take another UUID.
    #[error("the short id is taken")]
    ShortId,
    /// There is a first user already.
    #[error("there is a first user already")]
    FirstUser,
    /// One of the organizations is gone.
    #[error("an organization is gone")]
    Organization,
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a change of a user was not applied, beyond contention.
#[derive(Debug, thiserror::Error)]
pub enum UpdateUserConflict {
    /// Somebody who is not deleted has the new username, whatever its case.
    #[error("the username is taken")]
    Username,
    /// Nobody would hold the role owner any more.
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
            CommitError::Refused(Guard::Username) => Self::Username,
            CommitError::Refused(Guard::Email) => Self::Email,
            CommitError::Refused(Guard::ShortId) => Self::ShortId,
            CommitError::Refused(Guard::FirstUser) => Self::FirstUser,
            CommitError::Refused(Guard::Organization) => Self::Organization,
            other => Self::Storage(other.into()),
        }
    }
}

impl From<CommitError> for UpdateUserConflict {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(Guard::Username) => Self::Username,
            CommitError::Refused(Guard::LastOwner) => Self::LastOwner,
            other => Self::Storage(other.into()),
        }
    }
}

/// The items that a user of a bulk import has in the table: record, entries in the lists, and e-mail claim. Counters,
/// which [`ImportCounts`](super::ImportCounts) makes, and the set of owners are not among them.
#[must_use]
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
    /// Creates a user with every claim, the git SSH key, the count and the row that tells of it, in one transaction.
    pub async fn create_user(
        &self,
        user: &User,
        password_hash: Option<&PasswordHash>,
        git_ssh_key: &GitSshKey,
        standing: &AuthzPrecondition,
        row: &AuditRow,
    ) -> Result<(), CreateUserConflict> {
        let mut transaction = Transaction::new(self);
        put_new_user(&mut transaction, user, password_hash, git_ssh_key);
        self.put_audit(&mut transaction, row);
        for id in user.organization_ids() {
            transaction.check(&ItemKey::organization(id), &Condition::exists(), Guard::Organization);
        }
        standing.require(&mut transaction);
        Ok(transaction.commit().await?)
    }

    /// Creates the first user, who is an owner, and the organization that every deployment starts with.
    pub async fn create_first_user(
        &self,
        user: &User,
        password_hash: &PasswordHash,
        git_ssh_key: &GitSshKey,
        organization: &Organization,
    ) -> Result<(), CreateUserConflict> {
        let mut transaction = Transaction::new(self);
        put_deployment(&mut transaction, user.id, organization);
        put_new_user(&mut transaction, user, Some(password_hash), git_ssh_key);
        Ok(transaction.commit().await?)
    }

    /// Replaces the record of a user by its successor: profile, directory entry, claims, the set of owners and the
    /// count follow from the difference. `standing` is the caller's, missing when the service itself acts; `row` tells
    /// of the change where the log is to know.
    pub async fn update_user(
        &self,
        before: &User,
        after: &User,
        standing: Option<&AuthzPrecondition>,
        row: Option<&AuditRow>,
    ) -> Result<User, UpdateUserConflict> {
        let mut transaction = Transaction::new(self);
        let after = put_updated_user(&mut transaction, before, after, None);
        if let Some(row) = row {
            self.put_audit(&mut transaction, row);
        }
        if let Some(standing) = standing {
            standing.require(&mut transaction);
        }
        transaction.commit().await?;
        Ok(after)
    }

    /// Gives a user another password: the successor carries the next key generation, so every key is dead. `row` tells
    /// of it.
    pub async fn change_password(
        &self,
        before: &User,
        after: &User,
        hash: &PasswordHash,
        standing: &AuthzPrecondition,
        row: &AuditRow,
    ) -> Result<User, UpdateUserConflict> {
        let mut transaction = Transaction::new(self);
        let after = put_updated_user(&mut transaction, before, after, Some(hash));
        self.put_audit(&mut transaction, row);
        standing.require(&mut transaction);
        transaction.commit().await?;
        Ok(after)
    }

    /// Marks a key as used and its user as seen. A key that somebody else marked, removed or ended since it was read
    /// stays as it is: one use an hour is enough, and a use must not revive a key. [`StorageError::Contention`] when only
    /// the user's record changed: read again, and the use can still be written down.
    pub async fn update_last_used(
        &self,
        (user, seen): (&User, &User),
        (key, touched): (&ApiKey, &ApiKey),
    ) -> Result<(), StorageError> {
        let mut transaction = Transaction::new(self);
        let as_read = Condition::over("#expires = :expires AND #last_used = :last_used".to_owned()).with([
            ("expires", AttributeValue::N(key.expires_at.micros().to_string())),
            ("last_used", AttributeValue::N(key.last_used.micros().to_string())),
        ]);
        // First, so that its refusal is the one that counts when the user's record changed along with it.
        transaction.put(items::api_key_item(touched), Some(&as_read), Guard::Gone);
        put_updated_user(&mut transaction, user, seen, None);
        match transaction.commit().await {
            Ok(()) | Err(CommitError::Refused(Guard::Gone)) => Ok(()),
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
pub(super) fn put_deployment(transaction: &mut Transaction<'_>, first_user: Uuid, organization: &Organization) {
    let mut marker = ItemKey::first_user().attributes();
    marker.insert("id".to_owned(), items::uuid_value(first_user));
    transaction.put(marker, Some(&Condition::absent()), Guard::FirstUser);
    for item in items::organization_items(organization) {
        transaction.put(item, Some(&Condition::absent()), Guard::FirstUser);
    }
}

pub(super) fn put_new_user(
    transaction: &mut Transaction<'_>,
    user: &User,
    password_hash: Option<&PasswordHash>,
    git_ssh_key: &GitSshKey,
) {
    transaction.put(items::directory_item(user), Some(&Condition::absent()), Guard::Username);
    if !user.email.is_empty() {
        let claim = items::email_claim_item(user, password_hash);
        transaction.put(claim, Some(&Condition::absent()), Guard::Email);
        addresses::insert(transaction, user);
    }
    transaction.put(items::profile_item(user), Some(&Condition::absent()), Guard::ShortId);
    transaction.put(items::git_ssh_key_item(git_ssh_key), Some(&Condition::absent()), Guard::ShortId);
    note_directory_change(transaction, &[folded_username(user)]);
    if let Some(hash) = password_hash {
        let password = items::password_item(user.id, hash, user.key_generation);
        transaction.put(password, Some(&Condition::absent()), Guard::ShortId);
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
    let unchanged = Condition::equals("version", before.version);
    transaction.put(items::profile_item(&after), Some(&unchanged), Guard::Version);
    if let Some(hash) = password_hash {
        transaction.put(items::password_item(after.id, hash, after.key_generation), None, Guard::Gone);
    } else if after.deleted && !before.deleted {
        transaction.delete(&ItemKey::password(&ShortId::of(after.id)), None, Guard::Gone);
    }
    // A deleted user has neither claims nor a place in the directory, in the count or among the owners.
    if before.deleted {
        return after;
    }
    let (old_name, new_name) = (folded_username(before), folded_username(&after));
    let mine = Condition::is("id", before.id);
    if after.deleted || old_name != new_name {
        transaction.delete(&ItemKey::username(&old_name), Some(&mine), Guard::Version);
    }
    if !after.deleted {
        let (condition, guard) =
            if old_name == new_name { (mine.clone(), Guard::Version) } else { (Condition::absent(), Guard::Username) };
        transaction.put(items::directory_item(&after), Some(&condition), guard);
    }
    let kept = (!after.deleted && new_name != old_name).then_some(new_name);
    note_directory_change(transaction, &[vec![old_name], kept.into_iter().collect()].concat());
    put_email_claim(transaction, before, &after, password_hash, &mine);
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
    mine: &Condition,
) {
    if before.email.is_empty() {
        return;
    }
    let key = ItemKey::email(&fold_email(&before.email));
    if after.deleted {
        transaction.delete(&key, Some(mine), Guard::Version);
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
    let mut sets = "#status = :status, #login_type = :login_type, #generation = :generation, #username = :username, \
                    #greeting = :greeting, #roles = :roles, #temporary_password = :temporary_password"
        .to_owned();
    if password_hash.is_some() {
        sets.push_str(", #password_hash = :password_hash");
    }
    // The login of a dormant user finds the record to awaken here.
    let record = if is_dormant { ", #record = :record" } else { " REMOVE #record" };
    let change = Condition::over(format!("SET {sets}{record}")).named("record").with([
        ("status", AttributeValue::S(after.status.as_str().to_owned())),
        ("login_type", AttributeValue::S(after.login_type.as_str().to_owned())),
        ("generation", AttributeValue::N(after.key_generation.to_string())),
        ("username", AttributeValue::S(folded_username(after))),
        ("greeting", AttributeValue::S(after.greeting().to_owned())),
        ("roles", AttributeValue::L(after.roles.iter().cloned().map(AttributeValue::S).collect())),
        ("temporary_password", AttributeValue::Bool(after.password_is_temporary)),
    ]);
    let change = if is_dormant { change.valued("record", items::record_value(after)) } else { change };
    let change = match password_hash {
        Some(hash) => change.with([("password_hash", AttributeValue::S(hash.as_str().to_owned()))]),
        None => change,
    };
    transaction.update(&key, change, Some(mine), Guard::Version);
}

/// Tells every directory kept in memory which of its names to look at again.
pub(super) fn note_directory_change(transaction: &mut Transaction<'_>, names: &[String]) {
    let change = items::directory_change_item(transaction.made(), transaction.new_id(), names);
    transaction.put(change, None, Guard::Gone);
}

fn owner_set(id: Uuid) -> AttributeValue {
    AttributeValue::Ss(vec![id.to_string()])
}

fn add_owner(transaction: &mut Transaction<'_>, id: Uuid) {
    let change = Condition::over("ADD #ids :ids".to_owned()).with([("ids", owner_set(id))]);
    transaction.update(&ItemKey::owners(), change, None, Guard::Gone);
}

/// Takes an owner out of the set, unless nobody would be left in it.
fn remove_owner(transaction: &mut Transaction<'_>, id: Uuid) {
    let change = Condition::over("DELETE #ids :ids".to_owned()).with([("ids", owner_set(id))]);
    let others = Condition::over("size(#ids) > :one".to_owned()).valued("one", AttributeValue::N("1".to_owned()));
    transaction.update(&ItemKey::owners(), change, Some(&others), Guard::LastOwner);
}
