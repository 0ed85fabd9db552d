//! The context of one request. The middleware creates it; extractors read the origin from it and report what they found
//! out, for the headers, the log line and the audit log.

use std::sync::{Arc, OnceLock};

use http::Extensions;
use uuid::Uuid;

use crate::domain::audit::Origin;
use crate::domain::rate_limit::Verdict;
use crate::service::audit::RefusalEntry;

/// Lies in the extensions of the request. Clones share everything. A report that is made twice keeps its first value.
#[derive(Clone, Default, Debug)]
pub(super) struct RequestContext(Arc<Inner>);

#[derive(Default, Debug)]
struct Inner {
    origin: Origin,
    caller: OnceLock<Uuid>,
    verdict: OnceLock<Verdict>,
    refusal: OnceLock<RefusalEntry>,
}

impl RequestContext {
    pub(super) fn new(origin: Origin) -> Self {
        Self(Arc::new(Inner { origin, ..Inner::default() }))
    }

    /// The context of a request; an empty one if the request did not pass the middleware.
    pub(super) fn of(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or_default()
    }

    pub(super) fn id(&self) -> Uuid {
        self.0.origin.request_id
    }

    /// Where the request comes from.
    pub(super) fn origin(&self) -> &Origin {
        &self.0.origin
    }

    /// The authenticated user.
    pub(super) fn caller(&self) -> Option<Uuid> {
        self.0.caller.get().copied()
    }

    pub(super) fn report_caller(&self, id: Uuid) {
        self.0.caller.get_or_init(|| id);
    }

    /// The verdict of the rate limits; `None` if the request was not counted.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        self.0.verdict.get().copied()
    }

    pub(super) fn report_verdict(&self, verdict: Verdict) {
        self.0.verdict.get_or_init(|| verdict);
    }

    /// The audit entry that is written if the request is refused.
    pub(super) fn refusal(&self) -> Option<RefusalEntry> {
        self.0.refusal.get().cloned()
    }

    pub(super) fn report_refusal(&self, entry: RefusalEntry) {
        self.0.refusal.get_or_init(|| entry);
    }
}
