//! What a request carries from the edge to its handler and back, without every function in between naming it.

use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use crate::service::session::DueUse;

/// One request's own state.
#[derive(Clone, Debug)]
pub(super) struct RequestState(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    id: Uuid,
    due: Mutex<Option<DueUse>>,
    caller: Mutex<Option<Uuid>>,
}

tokio::task_local! {
    static CURRENT: RequestState;
}

impl RequestState {
    pub(super) fn new(id: Uuid) -> Self {
        Self(Arc::new(Inner { id, due: Mutex::default(), caller: Mutex::default() }))
    }

    /// Runs the request's work with this state in reach.
    pub(super) async fn scope<F: Future>(&self, work: F) -> F::Output {
        CURRENT.scope(self.clone(), work).await
    }

    /// Who turned out to ask.
    pub(super) fn caller(&self) -> Option<Uuid> {
        *self.0.caller.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The use that is to be written down once the answer is known.
    pub(super) fn take_due(&self) -> Option<DueUse> {
        self.0.due.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The id of the request under way; the nil UUID outside of one.
pub(super) fn current_id() -> Uuid {
    CURRENT.try_with(|state| state.0.id).unwrap_or_default()
}

/// Notes who asks and the use that is due.
pub(super) fn note_caller(caller: Uuid, due: Option<DueUse>) {
    // Without a request around it there is nobody to write the use down.
    let _outside = CURRENT.try_with(|state| {
        *state.0.caller.lock().unwrap_or_else(PoisonError::into_inner) = Some(caller);
        *state.0.due.lock().unwrap_or_else(PoisonError::into_inner) = due;
    });
}
