//! Work of a request that runs after its answer has left.

use super::context::RequestContext;
use super::error::chain;
use crate::app::App;
use crate::storage::StorageError;

/// Runs `work` after the answer has left. Its failure changes no answer and is logged.
pub(super) fn defer(
    app: &App,
    context: &RequestContext,
    what: &'static str,
    work: impl Future<Output = Result<(), StorageError>> + Send + 'static,
) {
    let request_id = context.id();
    app.deferred.defer(async move {
        if let Err(error) = work.await {
            tracing::warn!(%request_id, error = chain(&error), "not done after the answer: {what}");
        }
    });
}
