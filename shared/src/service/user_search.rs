//! The list of users: authorises a query and executes its plan (docs/api/user-search.md).

use uuid::Uuid;

use super::session::Caller;
use crate::domain::user::User;
use crate::rbac::{Action, Object, ResourceType, authorize};
use crate::search::{
    IndexedUsers, Plan, ReadableUsers, SearchError, UserIndex, UserPage, UserQuery, UserSummary, Window,
};
use crate::storage::{ListingPage, Lookup, StorageError, Store};

/// Searches users.
#[derive(Debug)]
pub struct UserSearch {
    store: Store,
    index: UserIndex,
}

impl UserSearch {
    /// A search over the table and its index.
    pub fn new(store: Store, index: UserIndex) -> Self {
        Self { store, index }
    }

    /// Brings a loaded index up to date if the query may need it. Runs beside the authentication, so that both take one
    /// round trip.
    pub async fn prepare(&self, query: &UserQuery) -> Result<(), SearchError> {
        if query.may_need_index() { self.index.refresh(query.asked_at).await } else { Ok(()) }
    }

    /// The users that match, that the caller may read, and that come after the cursor. `cursor` is the user of the query's `after_id`.
    pub async fn list(
        &self,
        caller: &Caller,
        query: &UserQuery,
        cursor: Option<&User>,
    ) -> Result<UserPage, SearchError> {
        let after = match query.pagination.after_id {
            None => None,
            // The cursor may be any user: suspended, deleted, or hidden by the filter.
            Some(_) => match cursor {
                Some(cursor) => Some(cursor.username.to_ascii_lowercase()),
                None => return Ok(UserPage::default()),
            },
        };
        let readable = readable_users(caller);
        let index_is_loaded = readable == ReadableUsers::All && query.may_need_index() && self.index.is_loaded().await;
        let plan = Plan::of(query, after.as_deref(), readable, index_is_loaded);
        let window = query.window(after.as_deref());
        let (users, count) = if let Some(page) = self.read_from_table(caller, query, plan, window).await? {
            page
        } else {
            let seen = caller.was_just_seen().then_some(&caller.user);
            self.index.search(query.asked_at, seen, &query.filter, window).await?
        };
        let mut page = UserPage::new(users, count)?;
        // This request may have changed the caller after the list was written.
        let own = page.users.iter_mut().filter(|user| user.id == caller.user.id);
        own.for_each(|user| *user = caller.user.clone().into());
        Ok(page)
    }

    /// Executes a plan. `None` when the index has to answer: the plan says so, or the table's answer is too long.
    async fn read_from_table(
        &self,
        caller: &Caller,
        query: &UserQuery,
        plan: Plan<'_>,
        window: Window<'_>,
    ) -> Result<Option<(Vec<UserSummary>, u64)>, StorageError> {
        let page = match plan {
            Plan::Users(ids) => {
                let users = self.with_caller(caller, ids).await?;
                return Ok(Some(IndexedUsers::of(users).search(&query.filter, window)));
            }
            Plan::AddressCandidates(part) => {
                let Some(ids) = self.store.address_candidates(part).await? else { return Ok(None) };
                let mut candidates = IndexedUsers::of(self.users(ids).await?);
                candidates.note_seen(&caller.user);
                return Ok(Some(candidates.search(&query.filter, window)));
            }
            Plan::AllUsers => self.store.directory(window.reach()).await?,
            Plan::Facet(facet) => self.store.facet(&facet, window.reach()).await?,
            Plan::FacetAfter(facet, after) => self.store.facet_after(&facet, after).await?,
            Plan::Index => None,
        };
        Ok(page.map(|page| cut(page, window)))
    }

    /// The users of these ids. The caller is not read again.
    async fn with_caller(&self, caller: &Caller, ids: Vec<Uuid>) -> Result<Vec<User>, StorageError> {
        let (own, others): (Vec<Uuid>, Vec<Uuid>) = ids.into_iter().partition(|id| *id == caller.user.id);
        let mut users = self.users(others).await?;
        users.extend(own.first().map(|_| caller.user.clone()));
        Ok(users)
    }

    /// The users of these ids that exist and are not deleted.
    async fn users(&self, ids: Vec<Uuid>) -> Result<Vec<User>, StorageError> {
        let lookups: Vec<Lookup> = ids.iter().copied().map(Lookup::User).collect();
        let records = self.store.read(&lookups).await?;
        let users = ids.into_iter().filter_map(|id| records.user(id).transpose());
        users.filter(|user| user.as_ref().map_or(true, |user| !user.deleted)).collect()
    }
}

/// A caller who may not read all users may read themselves and the users that the allow-list of their key names.
fn readable_users(caller: &Caller) -> ReadableUsers {
    if caller.reads_all_users() {
        return ReadableUsers::All;
    }
    let own = caller.user.id;
    let named = caller.subject.allow_list.ids(ResourceType::User).filter(|id| *id != own);
    let is_readable = |id: &Uuid| authorize(&caller.subject, Action::Read, &Object::user(*id));
    ReadableUsers::Only(named.chain([own]).filter(is_readable).collect())
}

/// The window of a list that begins at the window's cursor.
fn cut(page: ListingPage, window: Window<'_>) -> (Vec<UserSummary>, u64) {
    let users = page.users.into_iter().map(UserSummary::from).skip(window.offset);
    let users: Vec<UserSummary> = users.take(window.limit).collect();
    // The list and the counters are two reads: a user may have been created in between.
    let total = page.total.max((window.offset + users.len()) as u64);
    (users, total)
}
