//! Work that waits until the answer is gone: it costs no client any time, and it is done before the process may freeze
//! (docs/decisions/0013).

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;

use super::Service;
use crate::storage::dynamodb::cost::RequestCost;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What is still to be done.
#[derive(Default)]
pub(super) struct DeferredTasks(Mutex<Vec<Work>>);

impl Service {
    /// Leaves work for the time after the answer. It says itself what goes wrong, since nobody is left to hear of it.
    pub fn defer(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.deferred.0.lock().unwrap_or_else(PoisonError::into_inner).push(Box::pin(work));
    }

    /// Does what was left, all of it side by side; what is not done within `limit` is given up. To be called after every
    /// answer, and before the process ends. What another call is still doing is not waited for.
    pub async fn drain(&self, limit: Duration) {
        let left = std::mem::take(&mut *self.deferred.0.lock().unwrap_or_else(PoisonError::into_inner));
        if left.is_empty() {
            return;
        }
        let account = RequestCost::default();
        // A task for each: what panics ends nothing but itself.
        let mut running = JoinSet::new();
        for work in left {
            let account = account.clone();
            running.spawn(async move { account.scope(work).await });
        }
        let all = async {
            while let Some(ended) = running.join_next().await {
                if let Err(error) = ended {
                    tracing::error!(%error, "work after an answer failed");
                }
            }
        };
        if tokio::time::timeout(limit, all).await.is_err() {
            tracing::warn!(pieces = running.len(), "work after an answer took too long and was given up");
        }
        // The answer's own account is closed: only who watches from outside, such as a test, hears of these calls.
        if let Some(enclosing) = RequestCost::current() {
            enclosing.add(account.read());
        }
    }
}
