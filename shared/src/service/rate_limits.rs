//! How many requests who may make in a minute (docs/api/authentication.md#rate-limits). Every request is decided from
//! this process's memory at once; what is counted is shared with the other processes through the table, after the
//! answer (docs/decisions/0012).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::clock::Clock;
use crate::domain::rate_limit::{Requests, Verdict, Window};
use crate::domain::time::Timestamp;
use crate::storage::{Lookup, StorageError, Store};

/// The user or the address whose requests are counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Requester {
    /// A user, at any address.
    User(Uuid),
    /// A client address without a user.
    Address(String),
}

impl Requester {
    /// A client address: of IPv6 the first half, since the client chooses the second half itself.
    pub fn at(address: &str) -> Self {
        let network = match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(IpAddr::V6(address)) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                Ipv6Addr::from(network).to_string()
            }
            Ok(IpAddr::V4(address)) => address.to_string(),
            Err(_) => address.to_owned(),
        };
        Self::Address(network)
    }
}

/// Which limit a request is counted against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Limiter {
    /// Of the whole API.
    Api,
    /// Of signing in and passwords, in addition.
    Login,
}

impl Limiter {
    /// How many requests a process counts before it reports them. Until then no other process knows of them.
    fn report_size(self, limit: NonZeroU32) -> u64 {
        match self {
            Self::Api => u64::from(limit.get() / 16).max(1),
            Self::Login => 1,
        }
    }
}

/// What is counted by itself: a limiter, a requester and a path, as a SHA-256.
type RequestsKey = [u8; 32];

fn key_of(limiter: Limiter, requester: &Requester, path: &str) -> RequestsKey {
    let limiter = match limiter {
        Limiter::Api => "api",
        Limiter::Login => "login",
    };
    // No part but the last holds a line break: an address is what the gateway saw.
    let text = match requester {
        Requester::User(id) => format!("{limiter}\nuser {id}\n{path}"),
        Requester::Address(address) => format!("{limiter}\naddress {address}\n{path}"),
    };
    Sha256::digest(text.as_bytes()).into()
}

/// Requests that the other processes do not know of yet.
#[derive(Debug)]
pub struct DueReport {
    key: RequestsKey,
    window: Window,
    requests: u64,
    /// The first report of a window also asks what the window before came to.
    asks_previous: bool,
}

/// What came of a request.
#[derive(Debug, Default)]
pub struct Counted {
    /// The verdict of the strictest limit that the request met; `None` when it met none.
    pub verdict: Option<Verdict>,
    /// What is to be reported once the answer is gone.
    pub due: Vec<DueReport>,
}

/// What one process knows of one key.
#[derive(Clone, Copy, Debug)]
struct Counter {
    window: Window,
    /// In the window before, by all processes, as far as known.
    previous: u64,
    /// In the window, by all processes, as far as known; includes what this one reported or is reporting.
    known: u64,
    /// In the window, by this process, beyond that.
    unreported: u64,
    has_asked_previous: bool,
}

impl Counter {
    fn new(window: Window) -> Self {
        Self { window, previous: 0, known: 0, unreported: 0, has_asked_previous: false }
    }

    fn requests(&self) -> Requests {
        Requests { previous: self.previous, current: self.known + self.unreported }
    }

    /// Goes on to a later window.
    fn roll_to(&mut self, window: Window) {
        if self.window < window {
            let previous = if self.window == window.previous() { self.requests().current } else { 0 };
            *self = Self { previous, ..Self::new(window) };
        }
    }
}

/// How many keys a process remembers; some 100 bytes each. More are forgotten, the least used first.
const REMEMBERED_KEYS: usize = 8192;

/// What one process knows of all keys.
#[derive(Debug, Default)]
struct Counters(Mutex<HashMap<RequestsKey, Counter>>);

impl Counters {
    fn lock(&self) -> MutexGuard<'_, HashMap<RequestsKey, Counter>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request, unless it is one too many.
    fn count(
        &self,
        key: RequestsKey,
        now: Timestamp,
        limit: NonZeroU32,
        report_size: u64,
    ) -> (Verdict, Option<DueReport>) {
        let mut counters = self.lock();
        make_room(&mut counters, Window::of(now));
        let counter = counters.entry(key).or_insert_with(|| Counter::new(Window::of(now)));
        counter.roll_to(Window::of(now));
        let limit = u64::from(limit.get());
        let verdict = |remaining, retry_after_seconds| Verdict {
            limit,
            remaining,
            resets_at: Window::of(now).end_seconds(),
            retry_after_seconds,
        };
        let counting = counter.requests().counting_at(now);
        if counting >= limit {
            return (verdict(0, Some(counter.requests().wait_seconds(now, limit))), None);
        }
        counter.unreported += 1;
        let verdict = verdict(limit - counting - 1, None);
        if counter.unreported < report_size {
            return (verdict, None);
        }
        // Reported from now on as far as this process is concerned: the next request does not report it again.
        let requests = std::mem::take(&mut counter.unreported);
        counter.known += requests;
        let asks_previous = !std::mem::replace(&mut counter.has_asked_previous, true);
        (verdict, Some(DueReport { key, window: counter.window, requests, asks_previous }))
    }

    /// Takes in what a report brought: how many requests of the window there are in all, and of the one before. `None` for
    /// what could not be learned.
    fn settle(&self, report: &DueReport, current: Option<u64>, previous: Option<u64>) {
        let mut counters = self.lock();
        let Some(counter) = counters.get_mut(&report.key).filter(|counter| counter.window == report.window) else {
            return;
        };
        if let Some(current) = current {
            // A later answer may have come first.
            counter.known = counter.known.max(current);
        } else {
            counter.known = counter.known.saturating_sub(report.requests);
            counter.unreported += report.requests;
        }
        match previous {
            Some(previous) => counter.previous = counter.previous.max(previous),
            None if report.asks_previous => counter.has_asked_previous = false,
            None => {}
        }
    }
}

/// Makes room for one more key: forgets keys of the past, then the least used ones, a quarter of all at least. A flood of
/// keys that are used once thus displaces itself.
fn make_room(counters: &mut HashMap<RequestsKey, Counter>, window: Window) {
    if counters.len() < REMEMBERED_KEYS {
        return;
    }
    counters.retain(|_, counter| counter.window >= window.previous());
    let mut few = 1;
    while counters.len() > REMEMBERED_KEYS / 4 * 3 {
        counters.retain(|_, counter| counter.requests().current.max(counter.previous) > few);
        few *= 2;
    }
}

/// The limits of requests a minute; `None` for no limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RateLimits {
    /// For each path of the API.
    pub(crate) api: Option<NonZeroU32>,
    /// For each path of the login group, in addition.
    pub(crate) login: Option<NonZeroU32>,
}

/// Counts requests and refuses those beyond a limit.
pub struct RateLimiter {
    store: Store,
    clock: Arc<dyn Clock>,
    limits: RateLimits,
    counters: Counters,
}

impl RateLimiter {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>, limits: RateLimits) -> Self {
        Self { store, clock, limits, counters: Counters::default() }
    }

    /// Whether there is a limit. Without one, no request is counted.
    pub fn is_enabled(&self) -> bool {
        self.limits.api.is_some() || self.limits.login.is_some()
    }

    /// Counts a request against the limit of the whole API and, if its route is in the login group, against that limit
    /// too. A request beyond a limit is not counted. Makes no call to the table.
    pub fn count(&self, requester: &Requester, path: &str, is_of_login_group: bool) -> Counted {
        let now = self.clock.now();
        let login = self.limits.login.filter(|_| is_of_login_group);
        // The stricter one first: what it refuses is not counted at all.
        let limits = [(Limiter::Login, login), (Limiter::Api, self.limits.api)];
        let mut counted = Counted::default();
        for (limiter, limit) in limits {
            let Some(limit) = limit else { continue };
            let key = key_of(limiter, requester, path);
            let (verdict, due) = self.counters.count(key, now, limit, limiter.report_size(limit));
            counted.due.extend(due);
            if verdict.retry_after_seconds.is_some() {
                return Counted { verdict: Some(verdict), ..counted };
            }
            counted.verdict.get_or_insert(verdict);
        }
        counted
    }

    /// Adds requests to the shared count in the table and reads what other processes added. After a failure, the next
    /// request with the same key reports them again.
    pub async fn report(&self, report: DueReport) -> Result<(), StorageError> {
        let previous = async {
            if !report.asks_previous {
                return Ok(None);
            }
            let lookup = Lookup::Requests(report.key, report.window.previous());
            self.store.read(&[lookup]).await?.requests(report.key, report.window.previous()).map(Some)
        };
        let add = self.store.add_requests(&report.key, report.window, report.requests);
        let (current, previous) = tokio::join!(add, previous);
        self.counters.settle(&report, current.as_ref().ok().copied(), previous.as_ref().ok().copied().flatten());
        current?;
        previous?;
        Ok(())
    }

    /// How many keys this process counts for. The number is bounded.
    pub fn counted_keys(&self) -> usize {
        self.counters.lock().len()
    }
}
