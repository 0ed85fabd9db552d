//! The index of all users in this process: loaded from the table by the first search that needs it, and brought up to
//! date from the change log before each further one. See `docs/decisions/0008-filters-are-answered-from-memory.md`.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::{Mutex, RwLock};

use super::filter::UserFilter;
use super::{IndexedUsers, SearchError, UserSummary, Window};
use crate::clock::Clock;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::storage::{ChangeLogEntry, ListingPart, Lookup, StorageError, Store};

/// The change log is sorted by the time at which a transaction was built, which precedes its commit by at most this, by
/// the clock of another machine.
const OVERLAP: TimeDelta = TimeDelta::seconds(60);
/// An index that was not refreshed for longer than this is loaded again: the log keeps changes for a day, and may be
/// longer than the list of users.
const MAX_IDLE: TimeDelta = TimeDelta::hours(1);

/// The index is loaded again when more usernames than this, and more than a tenth of all users, are in the log: the
/// replay reads a unit for each username, the load reads a unit for about eleven users.
const MIN_REPLAYED_NAMES: usize = 500;
/// How many changes are replayed between two looks at the clock.
const CHANGES_PER_STEP: usize = 200;

/// All users that are not deleted, in memory, and how far they are up to date.
pub struct UserIndex {
    store: Store,
    clock: Arc<dyn Clock>,
    /// How long one request may load or replay.
    load_time: TimeDelta,
    users: RwLock<IndexedUsers>,
    /// Locked during a load or a refresh, so that an older state never replaces a newer one.
    progress: Mutex<LoadProgress>,
}

impl std::fmt::Debug for UserIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserIndex").field("load_time", &self.load_time).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct LoadProgress {
    /// Every change committed before this is in the index; `None` until the index is loaded.
    complete_until: Option<Timestamp>,
    /// The ids of the changes of the overlap, and of an unfinished replay, that are in the index already.
    applied: HashSet<String>,
    /// Whether a replay has finished since the load. Until then the index is not loaded again, however long the log is:
    /// a deployment with many changes would load for ever.
    replayed: bool,
    /// A load that one request could not finish.
    loading: Option<PartialLoad>,
}

#[derive(Debug)]
struct PartialLoad {
    begun: Timestamp,
    users: IndexedUsers,
    parts: Vec<ListingPart>,
}

impl UserIndex {
    /// An index that is not loaded. One request spends at most about `load_time` on a load or a replay.
    pub fn new(store: Store, clock: Arc<dyn Clock>, load_time: Duration) -> Self {
        let load_time = TimeDelta::from_std(load_time).unwrap_or(TimeDelta::MAX);
        Self { store, clock, load_time, users: RwLock::default(), progress: Mutex::default() }
    }

    /// Whether this process has loaded the index. Waits for a load or a refresh under way.
    pub async fn is_loaded(&self) -> bool {
        self.progress.lock().await.complete_until.is_some()
    }

    /// Adds every change committed before `asked_at`, which costs one query of the change log if there are none. Does
    /// nothing while the index is not loaded; drops an index that is too old to be worth a replay.
    pub async fn refresh(&self, asked_at: Timestamp) -> Result<(), SearchError> {
        let mut progress = self.progress.lock().await;
        self.replay(&mut progress, asked_at, self.load_deadline()).await
    }

    /// The users in a window of those that match, and how many match after the cursor. Loads the index first if this
    /// process has not. The answer contains every change committed before `asked_at`, and `seen` as this request
    /// changed it.
    ///
    /// # Errors
    ///
    /// [`SearchError::Loading`] when the deadline passes first; the next search continues the load.
    pub async fn search(
        &self,
        asked_at: Timestamp,
        seen: Option<&User>,
        filter: &UserFilter,
        window: Window<'_>,
    ) -> Result<(Vec<UserSummary>, u64), SearchError> {
        self.load_if_needed(asked_at).await?;
        if let Some(user) = seen {
            self.users.write().await.note_seen(user);
        }
        Ok(self.users.read().await.search(filter, window))
    }

    async fn load_if_needed(&self, asked_at: Timestamp) -> Result<(), SearchError> {
        let mut progress = self.progress.lock().await;
        let deadline = self.load_deadline();
        self.replay(&mut progress, asked_at, deadline).await?;
        if progress.complete_until.is_none() {
            self.load(&mut progress, deadline).await?;
            // Earlier requests may have loaded the first parts.
            self.replay(&mut progress, asked_at, deadline).await?;
        }
        if progress.complete_until.is_some() { Ok(()) } else { Err(SearchError::Loading) }
    }

    fn load_deadline(&self) -> Timestamp {
        self.clock.now().plus(self.load_time)
    }

    /// Begins or continues a load. What was read stays, also after an error.
    async fn load(&self, progress: &mut LoadProgress, deadline: Timestamp) -> Result<(), SearchError> {
        let now = self.clock.now();
        if progress.loading.as_ref().is_some_and(|loading| now.since(loading.begun) > MAX_IDLE) {
            progress.loading = None;
        }
        let loading = progress.loading.get_or_insert_with(|| PartialLoad {
            begun: now,
            users: IndexedUsers::default(),
            parts: ListingPart::all(),
        });
        let PartialLoad { parts, users, .. } = loading;
        let add = |read: Vec<User>| users.insert(read);
        match self.store.read_directory(parts, || self.clock.now() < deadline, add).await {
            Ok(true) => {}
            Ok(false) | Err(StorageError::Throttled(_)) => return Err(SearchError::Loading),
            Err(error) => return Err(error.into()),
        }
        let Some(PartialLoad { begun, users, .. }) = progress.loading.take() else {
            return Err(SearchError::Loading);
        };
        tracing::info!(users = users.len(), "the index of users was loaded");
        *self.users.write().await = users;
        // The next replay adds the changes that were made during the load.
        *progress = LoadProgress { complete_until: Some(begun), ..LoadProgress::default() };
        Ok(())
    }

    /// Adds the changes since the last replay. Drops the index when a new load costs less.
    async fn replay(
        &self,
        progress: &mut LoadProgress,
        asked_at: Timestamp,
        deadline: Timestamp,
    ) -> Result<(), SearchError> {
        let Some(complete_until) = progress.complete_until else { return Ok(()) };
        // The replay of another request began after this request arrived.
        if complete_until >= asked_at {
            return Ok(());
        }
        let begun = self.clock.now();
        if begun.since(complete_until) > MAX_IDLE {
            self.drop_index(progress).await;
            return Ok(());
        }
        let changes = self.store.directory_changes(complete_until.minus(OVERLAP)).await?;
        let (applied, new): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|change| progress.applied.contains(&change.id));
        let changed_names: HashSet<&String> = new.iter().flat_map(|change| &change.names).collect();
        let max_names = MIN_REPLAYED_NAMES.max(self.users.read().await.len() / 10);
        if progress.replayed && changed_names.len() > max_names {
            self.drop_index(progress).await;
            return Ok(());
        }
        progress.applied = applied.into_iter().map(|change| change.id).collect();
        self.apply(progress, &new, changed_names, deadline).await?;
        progress.complete_until = Some(begun);
        progress.replayed = true;
        Ok(())
    }

    /// Applies changes in steps until the deadline; each name is read once.
    async fn apply(
        &self,
        progress: &mut LoadProgress,
        changes: &[ChangeLogEntry],
        mut unread: HashSet<&String>,
        deadline: Timestamp,
    ) -> Result<(), SearchError> {
        for (step, changes) in changes.chunks(CHANGES_PER_STEP).enumerate() {
            if step > 0 && self.clock.now() >= deadline {
                return Err(SearchError::Loading);
            }
            let names = changes.iter().flat_map(|change| &change.names).filter_map(|name| unread.take(name));
            let present = read_names(&self.store, names.collect()).await?;
            self.users.write().await.apply(present);
            progress.applied.extend(changes.iter().map(|change| change.id.clone()));
        }
        Ok(())
    }

    /// Frees the index before another one is loaded: the memory holds one.
    async fn drop_index(&self, progress: &mut LoadProgress) {
        *self.users.write().await = IndexedUsers::default();
        *progress = LoadProgress::default();
    }
}

/// The users who have these names now. A change says only which names to read, so the order of the changes does not
/// matter.
async fn read_names(store: &Store, names: Vec<&String>) -> Result<BTreeMap<String, Option<User>>, StorageError> {
    let lookups: Vec<Lookup> = names.iter().map(|name| Lookup::Username((*name).clone())).collect();
    let records = store.read(&lookups).await?;
    names.into_iter().map(|name| Ok((name.clone(), records.username(name)?))).collect()
}
