//! Finds the users whose e-mail address holds a text with an `@` in it, without reading every user.
//!
//! Addresses lie in the order of their domains, and within a domain in the order of their local parts read backwards.
//! A text `l@r` is a part of an address `local@domain` exactly when `local` ends with `l` and `domain` begins with `r`,
//! for an address has one `@`. So it is in a single stretch of each domain that begins with `r`, and besides `r` itself
//! there is seldom another one. The few addresses with more than one `@` lie by themselves and are candidates always.

use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use super::Store;
use super::items::{self, Attributes, Reader};
use super::keys::{ADDRESSES, ItemKey, LONGEST_ADDRESS_IN_KEY, SEVERAL_AT, backwards};
use super::table::{PK, SK};
use super::transact::{Transaction, storage_error};
use crate::domain::names::fold_email;
use crate::domain::user::User;
use crate::storage::error::StorageError;

/// More candidates than one batch reads are left to the user index.
const MOST_CANDIDATES: usize = 100;
/// So are texts with which more domains begin than this.
const MOST_DOMAINS: usize = 8;
/// The character after `@`, for what comes behind a domain.
const AFTER_AT: char = 'A';

/// A text without a blank place on either side of its first `@`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AddressPart<'a> {
    before: &'a str,
    after: &'a str,
}

impl<'a> AddressPart<'a> {
    /// The text `<before>@<after>`; `None` for any other, which may be a part of too many addresses.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (before, after) = text.split_once('@')?;
        let is_whole = !before.is_empty() && !after.is_empty();
        (is_whole && is_in_keys(text)).then_some(Self { before, after })
    }
}

/// Whether the sort key of an address shows that the address holds this much of it, even if the key is cut.
fn is_in_keys(beginning: &str) -> bool {
    beginning.len() + char::MAX.len_utf8() <= LONGEST_ADDRESS_IN_KEY
}

/// Users whose addresses may hold a text, all of them.
#[derive(Default)]
struct Candidates(Vec<Uuid>);

impl Candidates {
    /// Adds what a query for one more than may be brought; whether they are few enough.
    fn add(&mut self, items: &[Attributes]) -> Result<bool, StorageError> {
        for item in items {
            self.0.push(Reader(item).uuid("id")?);
        }
        Ok(self.0.len() <= MOST_CANDIDATES)
    }
}

/// Enters the address of a user who comes.
pub(super) fn insert(transaction: &mut Transaction<'_>, user: &User) {
    transaction.put(items::address_item(user));
}

/// Deletes the address of a user who is deleted.
pub(super) fn delete(transaction: &mut Transaction<'_>, user: &User) {
    transaction.delete(&ItemKey::address(&fold_email(&user.email), user.id));
}

impl Store {
    /// The ids of all users whose folded address contains that text, and perhaps of some others. `None` when there are
    /// more than one batch can read. May contain users who are deleted during the call.
    pub async fn address_candidates(&self, part: AddressPart<'_>) -> Result<Option<Vec<Uuid>>, StorageError> {
        let AddressPart { before, after } = part;
        let mut found = Candidates::default();
        let most = MOST_CANDIDATES + 1;
        if after.contains('@') {
            let several = Box::pin(self.stretch(SEVERAL_AT.to_owned(), most)).await?;
            return Ok(found.add(&several)?.then_some(found.0));
        }
        let tail = format!("@{}", backwards(before));
        // The domain itself, and whether others begin with it: `.`, `-` and digits sort before the `@`, letters behind.
        // On the heap: a query under way is large, and there are several.
        let (several, own, below, above) = tokio::try_join!(
            Box::pin(self.stretch(SEVERAL_AT.to_owned(), most)),
            Box::pin(self.stretch(format!("{after}{tail}"), most)),
            Box::pin(self.first_between(after.to_owned(), format!("{after}@"))),
            Box::pin(self.first_between(format!("{after}{AFTER_AT}"), format!("{after}{}", char::MAX))),
        )?;
        if !found.add(&several)? || !found.add(&own)? {
            return Ok(None);
        }
        let mut domains = 0;
        for (mut next, end) in [(below, format!("{after}@")), (above, format!("{after}{}", char::MAX))] {
            while let Some(first) = next {
                // A domain too long for a key ends without an `@`.
                let Some((domain, _)) = first.split_once('@') else { return Ok(None) };
                let beginning = format!("{domain}{tail}");
                domains += 1;
                if domains > MOST_DOMAINS || !is_in_keys(&beginning) {
                    return Ok(None);
                }
                let (stretch, further) = tokio::try_join!(
                    Box::pin(self.stretch(beginning, most)),
                    Box::pin(self.first_between(format!("{domain}{AFTER_AT}"), end.clone())),
                )?;
                if !found.add(&stretch)? {
                    return Ok(None);
                }
                next = further;
            }
        }
        Ok(Some(found.0))
    }

    /// Entries whose sort keys begin alike.
    async fn stretch(&self, beginning: String, most: usize) -> Result<Vec<Attributes>, StorageError> {
        let answer = self
            .query_partition(ADDRESSES)
            .key_condition_expression(format!("{PK} = :partition AND begins_with({SK}, :beginning)"))
            .expression_attribute_values(":beginning", AttributeValue::S(beginning))
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(storage_error)?;
        Ok(answer.items.unwrap_or_default())
    }

    /// The first sort key from `first` to `last`.
    async fn first_between(&self, first: String, last: String) -> Result<Option<String>, StorageError> {
        // The way from one domain to the next may end behind the last one.
        if first > last {
            return Ok(None);
        }
        let answer = self
            .query_partition(ADDRESSES)
            .key_condition_expression(format!("{PK} = :partition AND {SK} BETWEEN :first AND :last"))
            .expression_attribute_values(":first", AttributeValue::S(first))
            .expression_attribute_values(":last", AttributeValue::S(last))
            .limit(1)
            .send()
            .await
            .map_err(storage_error)?;
        answer.items().first().map(|item| Ok(Reader(item).text(SK)?.to_owned())).transpose()
    }
}
