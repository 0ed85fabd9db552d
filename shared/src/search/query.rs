//! A query of the user list: which users it asks for, and which page of them (docs/api/user-search.md).

use super::filter::UserFilter;
use crate::domain::facet::Facet;
use crate::domain::pagination::Pagination;
use crate::domain::time::Timestamp;
use crate::storage::AddressPart;

/// The first 200 users of a list are read from the table: that costs a few read units, however long the list is and
/// however many changes the index would have to replay.
const MAX_TABLE_REACH: usize = 200;

/// A response has at most 6 MB and holds a random UUID for each user: 15 bytes that no compression shortens, 20 in
/// base64. A larger page is refused before it is gathered.
pub(super) const MAX_PAGE_USERS: usize = 310_000;

/// Which users a list shows.
#[derive(Clone, Debug)]
pub struct UserQuery {
    /// The conditions that a user must meet.
    pub filter: UserFilter,
    /// Which page of the matching users.
    pub pagination: Pagination,
    /// When the request arrived: the answer shows every change that was committed before.
    pub asked_at: Timestamp,
}

/// Which part of the matching users is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window<'a> {
    /// Only users whose lower-cased username is greater.
    pub after: Option<&'a str>,
    /// How many users to skip.
    pub offset: usize,
    /// The most users to return.
    pub limit: usize,
}

impl Window<'_> {
    /// How many users after the cursor must be read to have the whole window.
    pub fn reach(&self) -> usize {
        self.offset.saturating_add(self.limit)
    }
}

impl UserQuery {
    /// Whether the index may have to answer. Known before the caller is: the refresh of the index runs beside the
    /// authentication.
    pub fn may_need_index(&self) -> bool {
        let has_list = self.filter.is_empty() || self.facet().is_some();
        let is_near = self.window(None).reach() <= MAX_TABLE_REACH;
        let is_in_table = has_list && self.pagination.after_id.is_none() && is_near;
        !is_in_table && self.address().is_none()
    }

    /// The window of this query. Its limit is cut one user above the largest page: one more tells that the page is too
    /// large.
    pub fn window<'a>(&self, after: Option<&'a str>) -> Window<'a> {
        let Pagination { limit, offset, .. } = self.pagination;
        let limit = if limit == 0 { usize::MAX } else { limit as usize };
        Window { after, offset: offset as usize, limit: limit.min(MAX_PAGE_USERS + 1) }
    }

    /// The facet that the filter asks for, if it has no other condition.
    pub(super) fn facet(&self) -> Option<Facet> {
        self.filter.facet()
    }

    /// The part of an email address that the filter searches for; there may be other conditions too.
    pub(super) fn address(&self) -> Option<AddressPart<'_>> {
        AddressPart::parse(self.filter.search.as_deref()?)
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_PAGE_USERS, UserQuery};
    use crate::domain::pagination::Pagination;
    use crate::domain::time::Timestamp;
    use crate::search::filter::UserFilter;

    #[test]
    fn a_window_is_at_most_one_user_larger_than_the_largest_page() {
        for (limit, cut) in [(0, MAX_PAGE_USERS + 1), (7, 7), (310_000, 310_000), (u32::MAX, MAX_PAGE_USERS + 1)] {
            let pagination = Pagination { limit, offset: 3, after_id: None };
            let query = UserQuery { filter: UserFilter::default(), pagination, asked_at: Timestamp::EPOCH };
            let window = query.window(None);
            assert_eq!((window.limit, window.reach()), (cut, cut + 3), "{limit}");
        }
    }
}
