//! The list of users: which part of it is asked for, where the answer lies, and whom it shows
//! (docs/api/user-search.md).

use uuid::Uuid;

use super::UserError;
use crate::domain::facet::Facet;
use crate::domain::pagination::Pagination;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::rbac::{Action, Object, ResourceType, authorize};
use crate::search::filter::UserFilter;
use crate::search::index::{Directory, UserSummary, Window};
use crate::service::Service;
use crate::service::directory::by_name;
use crate::service::session::Caller;
use crate::storage::{AddressPart, ListingPage, Lookup, StorageError};

/// So many users from the beginning of a list are near: the table has them in few units, however long the list is and
/// however much memory has to catch up with.
const NEAR: usize = 200;

/// No answer holds more users: of each it says a random UUID, whose 15 bytes nothing makes shorter and base64 makes 20,
/// and it has 6 MB. Where more are asked for, it is refused before they are gathered.
const MOST_A_PAGE: usize = 310_000;

/// A page of users and how many there are on all pages.
#[derive(Clone, Debug, Default)]
pub struct UserPage {
    /// In order of lower-cased usernames.
    pub users: Vec<UserSummary>,
    /// All users that match, are visible and come after the cursor; 0 when the page is empty
    /// (docs/api/user-search.md#pages).
    pub count: u64,
}

impl UserPage {
    fn of(users: Vec<UserSummary>, count: u64) -> Result<Self, UserError> {
        if users.len() > MOST_A_PAGE {
            return Err(UserError::PageTooLarge);
        }
        let count = if users.is_empty() { 0 } else { count };
        Ok(Self { users, count })
    }
}

/// Which users a list shows.
#[derive(Clone, Debug)]
pub struct UserQuery {
    /// What they must match.
    pub filter: UserFilter,
    /// Which page of them.
    pub pagination: Pagination,
    /// When the question was asked: changes that were committed before are seen.
    pub asked: Timestamp,
}

impl UserQuery {
    /// The group that is asked for, should it be all that is asked.
    fn facet(&self) -> Option<Facet> {
        self.filter.facet()
    }

    /// Whether the answer is in the directory that the process keeps in memory, should it keep one, as far as it can be
    /// told before the caller is known.
    #[must_use]
    pub fn may_need_directory(&self) -> bool {
        let is_listed = self.filter.is_empty() || self.facet().is_some();
        let is_in_a_list = is_listed && self.pagination.after_id.is_none() && self.is_near();
        !is_in_a_list && self.address().is_none()
    }

    /// Whether the table has the page for about what memory takes to be brought up to date.
    fn is_near(&self) -> bool {
        self.window(None).reach() <= NEAR
    }

    /// The part of the list that is asked for, and no more of it than tells that it is too much.
    fn window<'a>(&self, after: Option<&'a str>) -> Window<'a> {
        let Pagination { limit, offset, .. } = self.pagination;
        let limit = if limit == 0 { usize::MAX } else { limit as usize };
        Window { after, offset: offset as usize, limit: limit.min(MOST_A_PAGE + 1) }
    }

    /// The part of an e-mail address that is searched for, among other things.
    fn address(&self) -> Option<AddressPart<'_>> {
        AddressPart::parse(self.filter.search.as_deref()?)
    }
}

impl Service {
    /// The users that match, that the caller may read, and that come after the cursor.
    pub async fn list_users(
        &self,
        caller: &Caller,
        query: &UserQuery,
        cursor: Option<&User>,
    ) -> Result<UserPage, UserError> {
        let mut page = self.page_of_users(caller, query, cursor).await?;
        // The caller as this request left him, who may just have been seen.
        let own = page.users.iter_mut().filter(|user| user.id == caller.user.id);
        own.for_each(|user| *user = caller.user.clone().into());
        Ok(page)
    }

    async fn page_of_users(
        &self,
        caller: &Caller,
        query: &UserQuery,
        cursor: Option<&User>,
    ) -> Result<UserPage, UserError> {
        let UserQuery { filter, pagination, asked } = query;
        let after = match pagination.after_id {
            None => None,
            // The cursor may be anybody: suspended, deleted, or hidden by the filter.
            Some(_) => match cursor {
                Some(cursor) => Some(cursor.username.to_ascii_lowercase()),
                None => return Ok(UserPage::default()),
            },
        };
        let window = query.window(after.as_deref());
        let (users, count) = if !caller.reads_everybody() {
            self.readable_users(caller).await?.search(filter, window)
        } else if let Some(page) = self.page_of_list(query, window).await? {
            page
        } else if let Some(mut candidates) = self.users_with_address(query).await? {
            candidates.note_seen(&caller.user);
            candidates.search(filter, window)
        } else {
            self.search_directory(*asked, caller, filter, window).await?
        };
        UserPage::of(users, count)
    }

    /// Those whom somebody may read who may not read everybody: himself, whom the request has read already, and whom
    /// his key names one by one.
    async fn readable_users(&self, caller: &Caller) -> Result<Directory, StorageError> {
        let is_readable = |id: &Uuid| authorize(&caller.subject, Action::Read, &Object::user(*id));
        let named = caller.subject.allow_list.ids(ResourceType::User).filter(|id| *id != caller.user.id);
        let mut users = self.users(named.filter(is_readable).collect()).await?;
        users.extend(is_readable(&caller.user.id).then(|| caller.user.clone()));
        Ok(directory_of(users))
    }

    /// A page of everybody or of a group, which have lists of their own in the table: it reads no more than the page, the
    /// offset before it and the counters. `None` when no such list is asked for, or a part of it that memory answers
    /// for less: what lies behind a page of the table, and whoever follows a cursor, whom no counter counts, unless
    /// they are few.
    async fn page_of_list(
        &self,
        query: &UserQuery,
        window: Window<'_>,
    ) -> Result<Option<(Vec<UserSummary>, u64)>, StorageError> {
        if query.may_need_directory() && self.has_directory().await {
            return Ok(None);
        }
        let page = match (query.facet(), window.after) {
            (None, None) if query.filter.is_empty() => self.store.directory(window.reach()).await?,
            (Some(facet), None) => self.store.facet(&facet, window.reach()).await?,
            (Some(facet), Some(after)) => self.store.facet_after(&facet, after).await?,
            (None, _) => None,
        };
        let Some(ListingPage { users, total }) = page else { return Ok(None) };
        let users = users.into_iter().map(UserSummary::from).skip(window.offset);
        let users: Vec<UserSummary> = users.take(window.limit).collect();
        // The counters are read beside the list: somebody may have come in between.
        let total = total.max((window.offset + users.len()) as u64);
        Ok(Some((users, total)))
    }

    /// Everybody whose address may hold the text that is searched for, should it be a part of few addresses: the filter
    /// then decides among them alone.
    async fn users_with_address(&self, query: &UserQuery) -> Result<Option<Directory>, StorageError> {
        let Some(part) = query.address() else { return Ok(None) };
        let Some(ids) = self.store.address_candidates(part).await? else { return Ok(None) };
        Ok(Some(directory_of(self.users(ids).await?)))
    }

    /// Those who are there and not deleted.
    async fn users(&self, ids: Vec<Uuid>) -> Result<Vec<User>, StorageError> {
        let lookups: Vec<Lookup> = ids.iter().copied().map(Lookup::User).collect();
        let records = self.store.read(&lookups).await?;
        let users = ids.into_iter().filter_map(|id| records.user(id).transpose());
        users.filter(|user| user.as_ref().map_or(true, |user| !user.deleted)).collect()
    }
}

/// These users in the order of the list.
fn directory_of(users: Vec<User>) -> Directory {
    let mut directory = Directory::default();
    directory.apply(by_name(users));
    directory
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail where it stands")]
mod tests {
    use uuid::Uuid;

    use super::{MOST_A_PAGE, UserError, UserPage, UserQuery, UserSummary};
    use crate::domain::names::Username;
    use crate::domain::pagination::Pagination;
    use crate::domain::time::Timestamp;
    use crate::search::filter::UserFilter;
    use crate::service::users::create::blank_user;

    #[test]
    fn a_page_that_no_answer_can_hold_is_refused() {
        let username = Username::parse("ada").unwrap();
        let user = UserSummary::from(blank_user(Uuid::nil(), &username, Timestamp::EPOCH));
        let page = |users| UserPage::of(vec![user.clone(); users], 1_000_000);
        assert_eq!(page(MOST_A_PAGE).unwrap().count, 1_000_000);
        assert!(matches!(page(MOST_A_PAGE + 1), Err(UserError::PageTooLarge)));
    }

    #[test]
    fn no_more_is_gathered_than_tells_that_it_is_too_much() {
        for (limit, gathered) in [(0, MOST_A_PAGE + 1), (7, 7), (310_000, 310_000), (u32::MAX, MOST_A_PAGE + 1)] {
            let pagination = Pagination { limit, offset: 3, after_id: None };
            let query = UserQuery { filter: UserFilter::default(), pagination, asked: Timestamp::EPOCH };
            let window = query.window(None);
            assert_eq!((window.limit, window.reach()), (gathered, gathered + 3), "{limit}");
        }
    }
}
