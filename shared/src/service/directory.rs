//! The directory as this process knows it: loaded once, and brought up to date for each request that asks it. See
//! `docs/decisions/0008-filters-are-answered-from-memory.md`.

use std::collections::{BTreeMap, HashSet};

use chrono::TimeDelta;
use tokio::sync::{Mutex, RwLock};

use super::Service;
use crate::domain::directory::{Directory, ListedUser, Visibility, Window};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::domain::user_filter::UserFilter;
use crate::storage::{DirectoryPart, Lookup, StorageError, Store};

/// A change is found by the moment at which its transaction was made, which may lie this long before its commit, by the
/// clock of another machine.
const OVERLAP: TimeDelta = TimeDelta::seconds(60);
/// The log keeps changes for a day; a process that slept for longer than this begins anew.
const LONGEST_SLEEP: TimeDelta = TimeDelta::hours(12);

/// So many new changes, or as many as a tenth of all users, are caught up with; where there are more, it takes less to
/// begin anew.
const FEW_CHANGES: usize = 500;

/// What this process knows of the directory.
#[derive(Debug, Default)]
pub(super) struct Mirror {
    directory: RwLock<Directory>,
    /// Held for as long as the directory is loaded or refreshed, so that an older state never replaces a newer one.
    progress: Mutex<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    /// Whatever was committed before is in the directory; missing until it was loaded.
    complete_until: Option<Timestamp>,
    /// Changes of the overlap that are in the directory already.
    applied: HashSet<String>,
    /// What was read of a directory that is too large for one request.
    loading: Option<Loading>,
}

/// A directory that is read in steps.
#[derive(Debug)]
struct Loading {
    begun: Timestamp,
    directory: Directory,
    left: Vec<DirectoryPart>,
}

impl Service {
    /// Brings the directory up to date, should it be loaded and not too old: it then holds whatever was committed before
    /// `asked`. Cheap: one query of the latest changes.
    pub async fn refresh_directory(&self, asked: Timestamp) -> Result<(), StorageError> {
        let mut progress = self.mirror.progress.lock().await;
        self.refresh(&mut progress, asked).await
    }

    /// Whether this process has loaded the directory.
    pub(super) async fn has_directory(&self) -> bool {
        self.mirror.progress.lock().await.complete_until.is_some()
    }

    /// Answers a filter from the directory, which is loaded for the first one. It holds whatever was committed before
    /// `asked`.
    pub(super) async fn search_directory(
        &self,
        asked: Timestamp,
        filter: &UserFilter,
        window: Window<'_>,
        visibility: Visibility<'_>,
    ) -> Result<(Vec<ListedUser>, u64), StorageError> {
        {
            let mut progress = self.mirror.progress.lock().await;
            self.refresh(&mut progress, asked).await?;
            if progress.complete_until.is_none() {
                self.load(&mut progress).await?;
                // Steps of earlier requests are as old as those.
                self.refresh(&mut progress, asked).await?;
                if progress.complete_until.is_none() {
                    return Err(StorageError::Loading);
                }
            }
        }
        Ok(self.mirror.directory.read().await.search(filter, window, visibility))
    }

    /// Loads the directory, or goes on with it. A request gives it a bounded time: what one cannot finish, the next goes
    /// on with.
    async fn load(&self, progress: &mut Progress) -> Result<(), StorageError> {
        let now = self.clock.now();
        let unfinished = progress.loading.take().filter(|loading| now.since(loading.begun) < LONGEST_SLEEP);
        let mut loading = unfinished.unwrap_or_else(|| Loading {
            begun: now,
            directory: Directory::default(),
            left: DirectoryPart::all(),
        });
        let patience = TimeDelta::from_std(self.config.directory_loading_time).unwrap_or(TimeDelta::MAX);
        let end = now.plus(patience);
        let parts = std::mem::take(&mut loading.left);
        // A step that fails has read an unknown part: it is begun anew.
        let add = |users: Vec<User>| loading.directory.apply(by_name(users));
        loading.left = self.store.read_directory(parts, || self.clock.now() < end, add).await?;
        if !loading.left.is_empty() {
            progress.loading = Some(loading);
            return Err(StorageError::Loading);
        }
        tracing::info!(users = loading.directory.len(), "the directory was loaded");
        *self.mirror.directory.write().await = loading.directory;
        // Changes that were made while the parts were read are found by the next refresh.
        *progress = Progress { complete_until: Some(loading.begun), ..Progress::default() };
        Ok(())
    }

    async fn refresh(&self, progress: &mut Progress, asked: Timestamp) -> Result<(), StorageError> {
        let Some(complete_until) = progress.complete_until else { return Ok(()) };
        // Somebody else's refresh began after this request did.
        if complete_until >= asked {
            return Ok(());
        }
        let begun = self.clock.now();
        if begun.since(complete_until) > LONGEST_SLEEP {
            *progress = Progress::default();
            return Ok(());
        }
        let new = (self.mirror.directory.read().await.len() / 10).max(FEW_CHANGES);
        let most = new + progress.applied.len();
        let Some(changes) = self.store.directory_changes(complete_until.minus(OVERLAP), most).await? else {
            // Names are read a hundred at a time, but everybody two thousand at a time, and in steps.
            *progress = Progress::default();
            return Ok(());
        };
        let new = changes.iter().filter(|change| !progress.applied.contains(&change.id));
        let names: HashSet<&String> = new.flat_map(|change| &change.names).collect();
        if !names.is_empty() {
            let present = present_users(&self.store, names).await?;
            self.mirror.directory.write().await.apply(present);
        }
        let applied = changes.into_iter().map(|change| change.id).collect();
        *progress = Progress { complete_until: Some(begun), applied, loading: None };
        Ok(())
    }
}

/// Users by the names at which they stand.
pub(super) fn by_name(users: Vec<User>) -> BTreeMap<String, Option<User>> {
    users.into_iter().map(|user| (user.username.to_ascii_lowercase(), Some(user))).collect()
}

/// Who stands at these names now. A change says only where to look: whatever order changes are found in, the table is
/// right.
async fn present_users(store: &Store, names: HashSet<&String>) -> Result<BTreeMap<String, Option<User>>, StorageError> {
    let lookups: Vec<Lookup> = names.iter().map(|name| Lookup::Username((*name).clone())).collect();
    let records = store.read(&lookups).await?;
    names.into_iter().map(|name| Ok((name.clone(), records.username(name)?))).collect()
}
