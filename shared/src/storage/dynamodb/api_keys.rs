//! API keys: sessions, named tokens, and what ends them.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

use super::Store;
use super::expression::{Change, Condition, Conflict};
use super::items::{self, Attributes, EmailClaim, Reader, number_value, text_value, uuid_value};
use super::keys::{API_KEY_PREFIX, ItemKey, user_partition};
use super::read::Records;
use super::table::{PK, SK, TOKEN, TOKEN_LISTING, TOKENS};
use super::transact::{CommitError, Transaction, storage_error};
use super::users::put_updated_user;
use crate::auth::password::PasswordHash;
use crate::auth::token::ShortId;
use crate::domain::api_key::{ApiKey, KeyType};
use crate::domain::names::fold_email;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::storage::error::StorageError;
use crate::storage::write::{Unaudited, Write};

/// Why a key was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateKeyConflict {
    /// The user has a token of that name, expired or not.
    #[error("the token name is taken")]
    TokenName,
    /// Another key of the user has that id: take another.
    #[error("the key id is taken")]
    KeyId,
    /// Storage could not do it; [`StorageError::Contention`] when the owner of the key changed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why a key was not changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeKeyConflict {
    /// There is no such key any more.
    #[error("the key is gone")]
    Gone,
    /// Storage could not do it.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<CommitError> for CreateKeyConflict {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(Conflict::TokenName) => Self::TokenName,
            CommitError::Refused(Conflict::KeyId) => Self::KeyId,
            other => Self::Storage(other.into()),
        }
    }
}

impl From<CommitError> for ChangeKeyConflict {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(Conflict::Missing) => Self::Gone,
            other => Self::Storage(other.into()),
        }
    }
}

impl Store {
    /// Creates a key of a user. The user must still be there with the key generation that the key carries.
    pub async fn create_key(&self, key: &ApiKey, owner: &User, write: &Write) -> Result<(), CreateKeyConflict> {
        let mut transaction = Transaction::new(self);
        put_new_key(&mut transaction, key);
        let alive = Condition::Equals("generation", number_value(owner.key_generation)).otherwise(Conflict::Version);
        // A caller who is the owner has the stricter precondition on the same item.
        if !write.is_by_caller(owner.id) {
            transaction.require(&ItemKey::profile(&ShortId::of(owner.id)), alive);
        }
        Ok(transaction.commit(write).await?)
    }

    /// Creates the session of a password login. The user must be unchanged since the login read it. The same transaction
    /// activates a dormant user, replaces a hash of older parameters and completes the audit entry.
    pub async fn start_session(
        &self,
        email: &str,
        claim: &EmailClaim,
        key: &ApiKey,
        rehashed: Option<&PasswordHash>,
        write: &Write,
    ) -> Result<(), CreateKeyConflict> {
        let mut transaction = Transaction::new(self);
        put_new_key(&mut transaction, key);
        let place = ItemKey::email(&fold_email(email));
        let same = Condition::All(vec![
            Condition::Equals("id", uuid_value(claim.user_id)),
            Condition::Equals("generation", number_value(claim.key_generation)),
            Condition::Equals("status", text_value(claim.status.as_str())),
            Condition::Equals("login_type", text_value(claim.login_type.as_str())),
        ])
        .otherwise(Conflict::Version);
        if let Some(dormant) = &claim.dormant {
            // Every change of the claim changes the version of the user too.
            put_updated_user(&mut transaction, dormant, &dormant.as_ref().clone().activated(key.created_at), rehashed);
        } else if let Some(hash) = rehashed {
            let change = Change::default().set("password_hash", text_value(hash.as_str()));
            transaction.update_if(&place, change, same);
            transaction.put(items::password_item(claim.user_id, hash, claim.key_generation));
        } else {
            transaction.require(&place, same);
        }
        Ok(transaction.commit(write).await?)
    }

    /// Every key of a user and the user, dead ones included, in one strongly consistent query of the partition.
    pub async fn keys_and_owner(&self, owner: &ShortId) -> Result<(Vec<ApiKey>, Records), StorageError> {
        let mut keys = Vec::new();
        let mut records = Records::default();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .key_condition_expression(format!("{PK} = :user AND {SK} BETWEEN :first AND :last"))
                .expression_attribute_values(":user", AttributeValue::S(user_partition(owner)))
                .expression_attribute_values(":first", AttributeValue::S(API_KEY_PREFIX.to_owned()))
                .expression_attribute_values(":last", AttributeValue::S(ItemKey::profile(owner).sort))
                .set_exclusive_start_key(start)
                .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
                .send()
                .await
                .map_err(storage_error)?;
            for item in answer.items.unwrap_or_default() {
                if Reader(&item).text(SK)?.starts_with(API_KEY_PREFIX) {
                    keys.push(items::read_api_key(&item)?);
                }
                records.insert(item)?;
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok((keys, records));
            }
        }
    }

    /// All named tokens by creation, from the index: the newest may be missing.
    pub async fn all_tokens(&self) -> Result<Vec<ApiKey>, StorageError> {
        let mut tokens = Vec::new();
        let mut start: Option<Attributes> = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(TOKENS)
                .key_condition_expression(format!("{TOKEN_LISTING} = :token"))
                .expression_attribute_values(":token", AttributeValue::S(TOKEN.to_owned()))
                .set_exclusive_start_key(start)
                .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
                .send()
                .await
                .map_err(storage_error)?;
            for item in answer.items() {
                tokens.push(items::read_api_key(item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(tokens);
            }
        }
    }

    /// Deletes keys of one user and the names that they hold. A key that is missing already is no error, except the first.
    /// More than 48 keys take several transactions: the first one deletes the first key and carries the audit entry.
    /// After a failure between two, the rest stays until it is deleted in the same way or expires.
    pub async fn delete_keys(&self, keys: &[ApiKey], write: &Write) -> Result<(), ChangeKeyConflict> {
        // A key and its name are two operations, the write's own three more; a transaction takes a hundred.
        for (index, batch) in keys.chunks(48).enumerate() {
            let mut transaction = Transaction::new(self);
            for (position, key) in batch.iter().enumerate() {
                let owner = ShortId::of(key.user_id);
                let place = ItemKey::api_key(&owner, &key.id);
                if index == 0 && position == 0 {
                    transaction.delete_if(&place, Condition::Exists.otherwise(Conflict::Missing));
                } else {
                    transaction.delete(&place);
                }
                if key.key_type == KeyType::Token {
                    let held = Condition::Any(vec![Condition::Absent, Condition::Equals("id", text_value(&key.id))]);
                    let name = ItemKey::token_name(&owner, &key.token_name);
                    transaction.delete_if(&name, held.otherwise(Conflict::Missing));
                }
            }
            let further = Write::bookkeeping(Unaudited::FurtherStep);
            transaction.commit(if index == 0 { write } else { &further }).await?;
        }
        Ok(())
    }

    /// Ends a key at `now`; the record stays.
    pub async fn expire_key(&self, key: &ApiKey, now: Timestamp, write: &Write) -> Result<(), ChangeKeyConflict> {
        let mut transaction = Transaction::new(self);
        let change = Change::default().set("expires", number_value(now.micros()));
        let place = ItemKey::api_key(&ShortId::of(key.user_id), &key.id);
        transaction.update_if(&place, change, Condition::Exists.otherwise(Conflict::Missing));
        Ok(transaction.commit(write).await?)
    }
}

fn put_new_key(transaction: &mut Transaction<'_>, key: &ApiKey) {
    transaction.put_if(items::api_key_item(key), Condition::Absent.otherwise(Conflict::KeyId));
    if key.key_type == KeyType::Token {
        // A name is free when no key holds it, or when its key is of an older generation.
        let older = Condition::Below("generation", number_value(key.generation));
        let free = Condition::Any(vec![Condition::Absent, older]);
        transaction.put_if(items::token_name_item(key), free.otherwise(Conflict::TokenName));
    }
}
