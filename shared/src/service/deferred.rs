//! Work that runs after the answer was sent, so that no client waits for it. It ends before the process may freeze
//! (docs/decisions/0013).

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::storage::dynamodb::cost::RequestCost;

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The tasks that wait for the next [`DeferredTasks::drain`]. Clones share one queue.
#[derive(Clone, Default)]
pub struct DeferredTasks(Arc<Mutex<Vec<Work>>>);

impl DeferredTasks {
    /// Queues work until the answer was sent. The work logs its own failures, because no caller waits for its result.
    pub fn defer(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Box::pin(work));
    }

    /// Runs the queued work concurrently and aborts what did not end within `limit`. To be called after every answer, and
    /// before the process ends. It does not wait for work that another call took from the queue.
    pub async fn drain(&self, limit: Duration) {
        let left = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if left.is_empty() {
            return;
        }
        let cost = RequestCost::default();
        // One task each: a panic ends only the task in which it happens.
        let mut running = JoinSet::new();
        for work in left {
            let cost = cost.clone();
            running.spawn(async move { cost.scope(work).await });
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
        // The cost of the answer was logged already. An enclosing scope, such as that of a test, still counts these calls.
        if let Some(enclosing) = RequestCost::current() {
            enclosing.add(cost.read());
        }
    }
}
