//! What follows from the status and the roles of users: a list of each group, how many are in it, and when statuses
//! changed. It is written in the transaction that writes the user, here for all of them.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::TimeDelta;

use super::Store;
use super::directory::{ListingPage, USERS_A_PAGE, all_pages};
use super::expression::Change;
use super::items::{self, Attributes, number_value};
use super::keys::{COUNT_PREFIX, DIRECTORY, ItemKey, STATUS_HISTORY, counter_shard, history_day};
use super::table::{PK, SK, TTL};
use super::transact::{Transaction, storage_error};
use crate::domain::facet::Facet;
use crate::domain::status_history::StatusChanges;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::storage::error::StorageError;

/// How long the history of statuses is kept: the longest period that can be asked for, and a week.
const HISTORY: TimeDelta = TimeDelta::days(70);

/// How many users there are, in all and in each group.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UserCounts {
    counts: BTreeMap<String, i64>,
}

impl UserCounts {
    /// How many are active people (docs/api/dormancy.md#seats).
    pub fn seats(&self) -> u64 {
        self.counts.get(items::SEATS).map_or(0, |count| u64::try_from(*count).unwrap_or_default())
    }

    /// How many users a listing has; `None` if it never had any.
    pub fn of(&self, facet: &Facet) -> Option<u64> {
        let count = self.counts.get(&items::counter_name(facet))?;
        Some(u64::try_from(*count).unwrap_or_default())
    }
}

/// What a transaction adds to counters, by name.
type Changes = BTreeMap<String, i64>;

/// Counts the users of a bulk import, whose history is not kept: they have always been what they are.
#[derive(Clone, Debug, Default)]
pub struct ImportCounts(Changes);

impl ImportCounts {
    /// Counts one more.
    pub fn add(&mut self, user: &User) {
        let groups = user.facets().into_iter().map(|facet| items::counter_name(&facet));
        let seat = user.has_seat().then(|| items::SEATS.to_owned());
        for name in groups.chain([items::USERS.to_owned()]).chain(seat) {
            *self.0.entry(name).or_default() += 1;
        }
    }

    /// The item that says so, in place of any earlier one.
    pub fn item(&self) -> Attributes {
        let mut item = ItemKey::import_count().attributes();
        item.extend(self.0.iter().map(|(name, count)| (name.clone(), AttributeValue::N(count.to_string()))));
        item
    }
}

/// Lets the lists of groups, the counts and the history follow a user who comes (`before` missing), changes, or goes
/// (`after` deleted).
pub(super) fn update_listings(transaction: &mut Transaction<'_>, before: Option<&User>, after: &User) {
    let groups = |user: &User| {
        let name = user.username.to_ascii_lowercase();
        user.facets().into_iter().map(move |facet| (ItemKey::facet(&facet, &name), facet)).collect::<Vec<_>>()
    };
    let (old, new) = (before.map(groups).unwrap_or_default(), groups(after));
    for (place, _) in old.iter().filter(|(place, _)| new.iter().all(|(kept, _)| kept != place)) {
        transaction.delete(place);
    }
    for (place, _) in &new {
        transaction.put(items::listed_item(place, after));
    }
    let mut counters = Changes::new();
    let mut history = Changes::new();
    let mut change = |facet: &Facet, by: i64| {
        *counters.entry(items::counter_name(facet)).or_default() += by;
        if let Facet::Status(status) = facet {
            *history.entry(items::history_name(*status, transaction.created_at())).or_default() += by;
        }
    };
    for (facets, by) in [(&old, -1), (&new, 1)] {
        for (_, facet) in facets {
            change(facet, by);
        }
    }
    let is_counted = |user: &User| i64::from(!user.deleted);
    let users = is_counted(after) - before.map_or(0, is_counted);
    counters.insert(items::USERS.to_owned(), users);
    let seats = i64::from(after.has_seat()) - i64::from(before.is_some_and(User::has_seat));
    counters.insert(items::SEATS.to_owned(), seats);
    let shard = counter_shard(after.id);
    add(transaction, &ItemKey::count(shard), counters, None);
    let day = ItemKey::status_history(transaction.created_at(), shard);
    let forgotten = transaction.created_at().plus(HISTORY);
    add(transaction, &day, history, Some(forgotten));
}

/// Adds the changes that are not zero to the counters of an item.
fn add(transaction: &mut Transaction<'_>, place: &ItemKey, mut changes: Changes, forgotten: Option<Timestamp>) {
    changes.retain(|_, by| *by != 0);
    if changes.is_empty() {
        return;
    }
    let mut change = Change::default();
    for (name, by) in changes {
        change = change.add(&name, number_value(by));
    }
    if let Some(forgotten) = forgotten {
        change = change.set(TTL, number_value(forgotten.unix_seconds()));
    }
    transaction.update(place, change);
}

impl Store {
    /// The first users of a group up to a place, and how many it has; `None` when the place lies behind a page of the
    /// table and so do users. The list and the counters are read side by side.
    pub async fn facet(&self, facet: &Facet, reach: usize) -> Result<Option<ListingPage>, StorageError> {
        let place = ItemKey::facet(facet, "a");
        // Any text may be asked for as a role.
        if !place.is_storable() {
            return Ok(Some(ListingPage::default()));
        }
        let (listed, counts) = tokio::try_join!(self.listed(&place.partition, 0, reach), self.user_counts())?;
        let Some(listed) = listed else { return Ok(None) };
        let users = listed.iter().map(items::read_user).collect::<Result<_, _>>()?;
        Ok(Some(ListingPage { users, total: counts.of(facet).unwrap_or_default() }))
    }

    /// The users of a group after that lower-cased username, if one page of the table holds all of them. A page of more
    /// users needs a count that no counter has.
    pub async fn facet_after(&self, facet: &Facet, after: &str) -> Result<Option<ListingPage>, StorageError> {
        let place = ItemKey::facet(facet, after);
        if !place.is_storable() {
            return Ok(Some(ListingPage::default()));
        }
        let answer = self
            .query_partition(&place.partition)
            .key_condition_expression(format!("{PK} = :partition AND {SK} > :after"))
            .expression_attribute_values(":after", AttributeValue::S(place.sort))
            .limit(USERS_A_PAGE.into())
            .send()
            .await
            .map_err(storage_error)?;
        if answer.last_evaluated_key.is_some() {
            return Ok(None);
        }
        let users = answer.items().iter().map(items::read_user).collect::<Result<Vec<User>, _>>()?;
        Ok(Some(ListingPage { total: users.len() as u64, users }))
    }

    /// How many users there are, in all and in each group.
    pub async fn user_counts(&self) -> Result<UserCounts, StorageError> {
        let query = self
            .query_partition(DIRECTORY)
            .key_condition_expression(format!("{PK} = :partition AND begins_with({SK}, :counters)"))
            .expression_attribute_values(":counters", AttributeValue::S(COUNT_PREFIX.to_owned()));
        let mut all = UserCounts::default();
        for (name, count) in all_pages(query, items::read_counters).await?.into_iter().flatten() {
            *all.counts.entry(name).or_default() += count;
        }
        Ok(all)
    }

    /// How the statuses of users changed on the day of that moment and later, in no order.
    pub async fn status_history(&self, since: Timestamp) -> Result<Vec<StatusChanges>, StorageError> {
        let query = self
            .query_partition(STATUS_HISTORY)
            .key_condition_expression(format!("{PK} = :partition AND {SK} >= :since"))
            .expression_attribute_values(":since", AttributeValue::S(history_day(since)));
        let days = all_pages(query, items::read_status_history).await?;
        Ok(days.into_iter().flatten().collect())
    }
}
