//! The directory as this process knows it: loaded once, and brought up to date for each request that asks it. See
//! `docs/decisions/0008-filters-are-answered-from-memory.md`.

use std::collections::{BTreeMap, HashSet};

use chrono::TimeDelta;
use tokio::sync::{Mutex, RwLock};

use super::Service;
use super::session::Caller;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::search::filter::UserFilter;
use crate::search::index::{Directory, UserSummary, Window};
use crate::storage::{ListingPart, Lookup, StorageError, Store};

/// A change is found by the moment at which its transaction was made, which may lie this long before its commit, by the
/// clock of another machine.
const OVERLAP: TimeDelta = TimeDelta::seconds(60);
/// A process that slept for longer than this begins anew: the log, which keeps changes for a day, may be longer than the
/// directory.
const LONGEST_SLEEP: TimeDelta = TimeDelta::hours(1);

/// Where more new names changed than this, and than a tenth of all users, it takes less to begin anew: a name costs a
/// read unit, and everybody one for some eleven.
const FEW_NAMES: usize = 500;
/// So many changes are caught up with before the clock is looked at.
const CHANGES_A_STEP: usize = 200;

/// What this process knows of the directory.
#[derive(Debug, Default)]
pub(super) struct UserIndex {
    directory: RwLock<Directory>,
    /// Held for as long as the directory is loaded or refreshed, so that an older state never replaces a newer one.
    progress: Mutex<Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    /// Whatever was committed before is in the directory; missing until it was loaded.
    complete_until: Option<Timestamp>,
    /// Changes of the overlap, and of a refresh that was not finished, that are in the directory already.
    applied: HashSet<String>,
    /// Whether a refresh was finished since everybody was read. Until then nothing is begun anew, however much changed
    /// meanwhile: a deployment where much changes would be read over and over.
    replayed: bool,
    /// What was read of a directory that is too large for one request.
    loading: Option<Loading>,
}

/// A directory that is read in steps.
#[derive(Debug)]
struct Loading {
    begun: Timestamp,
    directory: Directory,
    parts: Vec<ListingPart>,
}

impl Service {
    /// Brings the directory up to date, should it be loaded and not too old: it then holds whatever was committed before
    /// `asked`. Cheap: one query of the latest changes.
    pub async fn refresh_directory(&self, asked: Timestamp) -> Result<(), StorageError> {
        let mut progress = self.user_index.progress.lock().await;
        self.refresh(&mut progress, asked, self.load_deadline()).await
    }

    /// Whether this process has loaded the directory.
    pub(super) async fn has_directory(&self) -> bool {
        self.user_index.progress.lock().await.complete_until.is_some()
    }

    /// Answers a filter from the directory, which is loaded for the first one. It holds whatever was committed before
    /// `asked`, and the caller as this request left him.
    pub(super) async fn search_directory(
        &self,
        asked: Timestamp,
        caller: &Caller,
        filter: &UserFilter,
        window: Window<'_>,
    ) -> Result<(Vec<UserSummary>, u64), StorageError> {
        {
            let mut progress = self.user_index.progress.lock().await;
            let end = self.load_deadline();
            self.refresh(&mut progress, asked, end).await?;
            if progress.complete_until.is_none() {
                self.load(&mut progress, end).await?;
                // Steps of earlier requests are as old as those.
                self.refresh(&mut progress, asked, end).await?;
                if progress.complete_until.is_none() {
                    return Err(StorageError::Loading);
                }
            }
        }
        if caller.was_just_seen() {
            self.user_index.directory.write().await.note_seen(&caller.user);
        }
        Ok(self.user_index.directory.read().await.search(filter, window))
    }

    /// When a request that begins now to load or to catch up leaves the rest to the next one.
    fn load_deadline(&self) -> Timestamp {
        let patience = TimeDelta::from_std(self.directory_loading_time).unwrap_or(TimeDelta::MAX);
        self.clock.now().plus(patience)
    }

    /// Loads the directory, or goes on with it, until `end`: what one request cannot finish, the next goes on with, also
    /// after an error.
    async fn load(&self, progress: &mut Progress, end: Timestamp) -> Result<(), StorageError> {
        let now = self.clock.now();
        if progress.loading.as_ref().is_some_and(|loading| now.since(loading.begun) > LONGEST_SLEEP) {
            progress.loading = None;
        }
        let loading = progress.loading.get_or_insert_with(|| Loading {
            begun: now,
            directory: Directory::default(),
            parts: ListingPart::all(),
        });
        let Loading { parts, directory, .. } = loading;
        let add = |users: Vec<User>| directory.apply(by_name(users));
        match self.store.read_directory(parts, || self.clock.now() < end, add).await {
            Ok(true) => {}
            // The table asks for patience: the next request goes on.
            Ok(false) | Err(StorageError::Throttled(_)) => return Err(StorageError::Loading),
            Err(error) => return Err(error),
        }
        let Some(Loading { begun, directory, .. }) = progress.loading.take() else {
            return Err(StorageError::Loading);
        };
        tracing::info!(users = directory.len(), "the directory was loaded");
        *self.user_index.directory.write().await = directory;
        // Changes that were made while the parts were read are found by the next refresh.
        *progress = Progress { complete_until: Some(begun), ..Progress::default() };
        Ok(())
    }

    /// Catches up with what changed, or goes on with it, until `end`; forgets the directory where that takes more than to
    /// begin anew.
    async fn refresh(&self, progress: &mut Progress, asked: Timestamp, end: Timestamp) -> Result<(), StorageError> {
        let Some(complete_until) = progress.complete_until else { return Ok(()) };
        // Somebody else's refresh began after this request did.
        if complete_until >= asked {
            return Ok(());
        }
        let begun = self.clock.now();
        if begun.since(complete_until) > LONGEST_SLEEP {
            self.forget(progress).await;
            return Ok(());
        }
        let changes = self.store.directory_changes(complete_until.minus(OVERLAP)).await?;
        let (applied, new): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|change| progress.applied.contains(&change.id));
        let mut names: HashSet<&String> = new.iter().flat_map(|change| &change.names).collect();
        let most = FEW_NAMES.max(self.user_index.directory.read().await.len() / 10);
        if progress.replayed && names.len() > most {
            self.forget(progress).await;
            return Ok(());
        }
        progress.applied = applied.into_iter().map(|change| change.id).collect();
        for (step, changes) in new.chunks(CHANGES_A_STEP).enumerate() {
            if step > 0 && self.clock.now() >= end {
                return Err(StorageError::Loading);
            }
            // Each name once, however many changes are about it.
            let of_step = changes.iter().flat_map(|change| &change.names).filter_map(|name| names.take(name));
            let present = present_users(&self.store, of_step.collect()).await?;
            self.user_index.directory.write().await.apply(present);
            progress.applied.extend(changes.iter().map(|change| change.id.clone()));
        }
        progress.complete_until = Some(begun);
        progress.replayed = true;
        Ok(())
    }

    /// Gives up what is known. It goes before anything else is loaded: there is room for one.
    async fn forget(&self, progress: &mut Progress) {
        *self.user_index.directory.write().await = Directory::default();
        *progress = Progress::default();
    }
}

/// Users by the names at which they stand.
pub(super) fn by_name(users: Vec<User>) -> BTreeMap<String, Option<User>> {
    users.into_iter().map(|user| (user.username.to_ascii_lowercase(), Some(user))).collect()
}

/// Who stands at these names now. A change says only where to look: whatever order changes are found in, the table is
/// right.
async fn present_users(store: &Store, names: Vec<&String>) -> Result<BTreeMap<String, Option<User>>, StorageError> {
    let lookups: Vec<Lookup> = names.iter().map(|name| Lookup::Username((*name).clone())).collect();
    let records = store.read(&lookups).await?;
    names.into_iter().map(|name| Ok((name.clone(), records.username(name)?))).collect()
}
