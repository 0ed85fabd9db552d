//! `GET /api/v2/experiments/available`: experiments that may be switched on.

use roster::api::deployment::AvailableExperiments;
use roster::http::{Authenticated, Payload};

/// There are none.
pub(crate) async fn list_available_experiments(_: Authenticated) -> Payload<AvailableExperiments> {
    Payload(AvailableExperiments { safe: [] })
}
