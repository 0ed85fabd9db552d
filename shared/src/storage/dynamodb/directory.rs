//! The directory of users: its first pages, the whole of it, and what changed in it.

use std::sync::{Mutex, PoisonError};

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use futures_util::future::join_all;

use super::Store;
use super::items::{self, Attributes, Reader};
use super::keys::{COUNT_PREFIX, DIRECTORY, DIRECTORY_LOG, MOST_COUNTERS, sortable_moment};
use super::table::{PK, SK};
use super::transact::storage_error;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::storage::error::StorageError;

/// The beginning of the directory, or of a group, in order of lower-cased usernames.
#[derive(Clone, Debug, Default)]
pub struct ListingPage {
    /// The users.
    pub users: Vec<User>,
    /// How many users there are in all.
    pub total: u64,
}

/// One change of the directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChangeLogEntry {
    /// Unique, and in the order of time.
    pub id: String,
    /// Lower-cased usernames whose entry changed, passed to another user, or is gone.
    pub names: Vec<String>,
}

/// First and last letters of the parts in which the whole directory is read side by side.
const PARTS: [(char, char); 12] = [
    ('0', '1'),
    ('2', '4'),
    ('5', '9'),
    ('a', 'b'),
    ('c', 'd'),
    ('e', 'g'),
    ('h', 'j'),
    ('k', 'l'),
    ('m', 'n'),
    ('o', 'r'),
    ('s', 't'),
    ('u', 'z'),
];

/// About as many users as a page of 1 MB holds: no list reads more of the table. The embedded database looks at all that
/// match unless it is told.
pub(super) const USERS_A_PAGE: u16 = 2_000;

/// A range of the directory, as far as it was read.
#[derive(Clone, PartialEq, Debug)]
pub struct ListingPart {
    first: char,
    last: char,
    start: Option<Attributes>,
    is_read: bool,
}

impl ListingPart {
    /// All of them.
    pub fn all() -> Vec<Self> {
        PARTS.map(|(first, last)| Self { first, last, start: None, is_read: false }).into()
    }
}

impl Store {
    /// The first users up to a place, and how many there are; `None` when the place lies behind a page of the table and
    /// so do users.
    pub async fn directory(&self, reach: usize) -> Result<Option<ListingPage>, StorageError> {
        let Some(listed) = self.listed(DIRECTORY, MOST_COUNTERS, reach).await? else { return Ok(None) };
        let mut page = ListingPage::default();
        for item in &listed {
            if Reader(item).text(SK)?.starts_with(COUNT_PREFIX) {
                page.total = page.total.saturating_add_signed(Reader(item).number(items::USERS)?);
            } else {
                page.users.push(items::read_user(item)?);
            }
        }
        Ok(Some(page))
    }

    /// The first entries of a list up to a place, and up to `others` items that come before the first: as many entries
    /// more are read where there are fewer of those. `None` when there are more than a page of the table.
    pub(super) async fn listed(
        &self,
        partition: &str,
        others: u32,
        reach: usize,
    ) -> Result<Option<Vec<Attributes>>, StorageError> {
        let most = usize::from(USERS_A_PAGE);
        let wanted = reach.min(most) + others as usize;
        let mut entries = Vec::new();
        let mut start = None;
        loop {
            let missing = wanted - entries.len();
            let answer = self
                .query_partition(partition)
                .key_condition_expression(format!("{PK} = :partition"))
                .set_exclusive_start_key(start)
                .limit(i32::try_from(missing).unwrap_or(i32::MAX).max(1))
                .send()
                .await
                .map_err(storage_error)?;
            entries.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(Some(entries));
            }
            if entries.len() >= wanted {
                return Ok((reach <= most).then_some(entries));
            }
        }
    }

    /// Reads these parts concurrently, page by page, while `may_go_on` and at least one page of each. Returns whether all
    /// parts are read to their ends. Each part stores its position after every page, so a later call continues there,
    /// also after an error. Concurrent changes may be included or not.
    pub async fn read_directory(
        &self,
        parts: &mut [ListingPart],
        may_go_on: impl Fn() -> bool + Sync,
        add: impl FnMut(Vec<User>) + Send,
    ) -> Result<bool, StorageError> {
        let add = Mutex::new(add);
        let (add, may_go_on) = (&add, &may_go_on);
        // On the heap: a query under way is large, and there are many.
        let reads = parts.iter_mut().filter(|part| !part.is_read).map(|part| {
            Box::pin(async move {
                loop {
                    let answer = self.query_part(part).send().await.map_err(storage_error)?;
                    let users = answer.items().iter().map(items::read_user).collect::<Result<_, StorageError>>()?;
                    (add.lock().unwrap_or_else(PoisonError::into_inner))(users);
                    part.start = answer.last_evaluated_key;
                    part.is_read = part.start.is_none();
                    if part.is_read || !may_go_on() {
                        return Ok::<_, StorageError>(part.is_read);
                    }
                }
            })
        });
        let reads = join_all(reads).await;
        reads.into_iter().try_fold(true, |all, is_read| Ok(is_read? && all))
    }

    fn query_part(&self, part: &ListingPart) -> QueryFluentBuilder {
        self.query_partition(DIRECTORY)
            .key_condition_expression(format!("{PK} = :partition AND {SK} BETWEEN :first AND :last"))
            .expression_attribute_values(":first", AttributeValue::S(part.first.to_string()))
            // Above every username with that first letter.
            .expression_attribute_values(":last", AttributeValue::S(format!("{}~", part.last)))
            .set_exclusive_start_key(part.start.clone())
            .limit(USERS_A_PAGE.into())
    }

    /// What changed at that moment and later, as far as it was committed.
    pub async fn directory_changes(&self, since: Timestamp) -> Result<Vec<ChangeLogEntry>, StorageError> {
        let query = self
            .query_partition(DIRECTORY_LOG)
            .key_condition_expression(format!("{PK} = :partition AND {SK} >= :since"))
            .expression_attribute_values(":since", AttributeValue::S(sortable_moment(since)));
        all_pages(query, |item| {
            let id = Reader(item).text(SK)?.to_owned();
            Ok(ChangeLogEntry { id, names: items::read_directory_change(item)? })
        })
        .await
    }

    pub(super) fn query_partition(&self, partition: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .expression_attribute_values(":partition", AttributeValue::S(partition.to_owned()))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
    }
}

pub(super) async fn all_pages<T>(
    query: QueryFluentBuilder,
    read: impl Fn(&Attributes) -> Result<T, StorageError>,
) -> Result<Vec<T>, StorageError> {
    let mut all = Vec::new();
    let mut start = None;
    loop {
        let answer = query.clone().set_exclusive_start_key(start).send().await.map_err(storage_error)?;
        for item in answer.items() {
            all.push(read(item)?);
        }
        start = answer.last_evaluated_key;
        if start.is_none() {
            return Ok(all);
        }
    }
}
