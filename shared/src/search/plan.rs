//! Where the answer of a query is read: one decision, made from the query, from what the caller may read, and from
//! whether this process has loaded the index.

use uuid::Uuid;

use super::query::UserQuery;
use crate::domain::facet::Facet;
use crate::storage::AddressPart;

/// Which users the caller may read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReadableUsers {
    /// Every user.
    All,
    /// These users only.
    Only(Vec<Uuid>),
}

/// Where the answer of a query is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Plan<'a> {
    /// The users of these ids, who are the only ones that the caller may read. The filter decides among them.
    Users(Vec<Uuid>),
    /// The table's list of all users: the page, the users before it, and the counters.
    AllUsers,
    /// The table's list of the users with one status or role: the page, the users before it, and the counters.
    Facet(Facet),
    /// The rest of such a list after a username. No counter counts it, so the table answers only if one page of the
    /// table holds all of it.
    FacetAfter(Facet, &'a str),
    /// The users whose email address may contain the text. The filter decides among them.
    AddressCandidates(AddressPart<'a>),
    /// The index of all users. It also answers what one of the other plans finds too long to read from the table.
    Index,
}

impl<'a> Plan<'a> {
    /// The plan with the fewest reads. `after` is the lower-cased username of the cursor.
    pub fn of(query: &'a UserQuery, after: Option<&'a str>, readable: ReadableUsers, index_is_loaded: bool) -> Self {
        if let ReadableUsers::Only(ids) = readable {
            return Self::Users(ids);
        }
        if let Some(part) = query.address() {
            return Self::AddressCandidates(part);
        }
        // A loaded index answers a far page with one read of the latest changes.
        if index_is_loaded && query.may_need_index() {
            return Self::Index;
        }
        match (query.facet(), after) {
            (Some(facet), None) => Self::Facet(facet),
            (Some(facet), Some(after)) => Self::FacetAfter(facet, after),
            (None, None) if query.filter.is_empty() => Self::AllUsers,
            (None, _) => Self::Index,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{Plan, ReadableUsers};
    use crate::domain::facet::Facet;
    use crate::domain::pagination::Pagination;
    use crate::domain::time::Timestamp;
    use crate::domain::user::UserStatus;
    use crate::search::filter;
    use crate::search::query::UserQuery;

    fn query(q: &str, limit: u32, after_id: Option<Uuid>) -> UserQuery {
        let pagination = Pagination { limit, offset: 0, after_id };
        UserQuery { filter: filter::parse(q).unwrap(), pagination, asked_at: Timestamp::EPOCH }
    }

    #[test]
    fn a_caller_who_may_not_read_all_users_is_answered_from_the_users_that_they_may_read() {
        let query = query("status:active", 5, None);
        let readable = ReadableUsers::Only(vec![Uuid::nil()]);
        assert_eq!(Plan::of(&query, None, readable, true), Plan::Users(vec![Uuid::nil()]));
    }

    #[test]
    fn the_beginning_of_a_list_is_read_from_the_table_even_if_the_index_is_loaded() {
        let plan = |query: &UserQuery| match Plan::of(query, None, ReadableUsers::All, true) {
            Plan::AllUsers => "all users".to_owned(),
            Plan::Facet(facet) => format!("{facet:?}"),
            other => panic!("{other:?}"),
        };
        assert_eq!(plan(&query("", 200, None)), "all users");
        assert_eq!(plan(&query("status:active", 200, None)), format!("{:?}", Facet::Status(UserStatus::Active)));
        assert_eq!(plan(&query("role:auditor", 200, None)), format!("{:?}", Facet::Role("auditor".to_owned())));
    }

    #[test]
    fn a_far_page_and_a_page_after_a_cursor_are_read_from_the_index_once_it_is_loaded() {
        let (far, active) = (query("", 201, None), query("status:active", 5, Some(Uuid::nil())));
        let facet = Facet::Status(UserStatus::Active);
        assert_eq!(Plan::of(&far, None, ReadableUsers::All, false), Plan::AllUsers);
        assert_eq!(Plan::of(&far, None, ReadableUsers::All, true), Plan::Index);
        assert_eq!(Plan::of(&active, Some("ada"), ReadableUsers::All, false), Plan::FacetAfter(facet, "ada"));
        assert_eq!(Plan::of(&active, Some("ada"), ReadableUsers::All, true), Plan::Index);
    }

    #[test]
    fn a_search_for_a_part_of_an_address_never_needs_the_index_and_any_other_search_does() {
        let (address, text) = (query("ada@example", 5, None), query("ada", 5, None));
        assert!(matches!(Plan::of(&address, None, ReadableUsers::All, true), Plan::AddressCandidates(_)));
        assert!(!address.may_need_index());
        assert_eq!(Plan::of(&text, None, ReadableUsers::All, false), Plan::Index);
        assert!(text.may_need_index());
    }
}
