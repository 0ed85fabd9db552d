//! What a request carries from the edge to its handler and back, without every function in between naming it.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use crate::domain::audit::AuditRow;
use crate::domain::rate_limit::Verdict;

/// One request's own state.
#[derive(Clone, Debug)]
pub(super) struct RequestState(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: Uuid,
    caller: Mutex<Option<Uuid>>,
    verdict: Mutex<Option<Verdict>>,
    refusal: Mutex<Option<AuditRow>>,
}

tokio::task_local! {
    static CURRENT: RequestState;
}

impl RequestState {
    pub(super) fn new(id: Uuid) -> Self {
        Self(Arc::new(Inner { id, caller: Mutex::default(), verdict: Mutex::default(), refusal: Mutex::default() }))
    }

    /// Runs the request's work with this state in reach.
    pub(super) async fn scope<F: Future>(&self, work: F) -> F::Output {
        CURRENT.scope(self.clone(), work).await
    }

    /// Who turned out to ask.
    pub(super) fn caller(&self) -> Option<Uuid> {
        *self.0.caller.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came of counting the request; `None` when it was not counted.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        *self.0.verdict.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The id of the request under way; the nil UUID outside of one.
pub(super) fn current_id() -> Uuid {
    CURRENT.try_with(|state| state.0.id).unwrap_or_default()
}

/// Notes who asks.
pub(super) fn note_caller(caller: Uuid) {
    // Without a request around it there is nobody to tell.
    let _outside = CURRENT.try_with(|state| {
        *state.0.caller.lock().unwrap_or_else(PoisonError::into_inner) = Some(caller);
    });
}

/// Notes what came of counting the request.
pub(super) fn note_verdict(verdict: Verdict) {
    // Without a request around it there is nobody to tell.
    let _outside = CURRENT.try_with(|state| {
        *state.0.verdict.lock().unwrap_or_else(PoisonError::into_inner) = Some(verdict);
    });
}

/// What the audit log is told of a refusal, but for its status.
pub(super) fn refusal() -> Option<AuditRow> {
    let refusal = CURRENT.try_with(|state| state.0.refusal.lock().unwrap_or_else(PoisonError::into_inner).take());
    refusal.ok().flatten()
}

/// Notes what the audit log is told should the request be refused from now on.
pub(super) fn note_refusal(row: AuditRow) {
    // Without a request around it there is nobody to tell.
    let _outside = CURRENT.try_with(|state| {
        *state.0.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(row);
    });
}
