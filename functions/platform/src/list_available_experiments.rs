//! `GET /api/v2/experiments/available`: the experiments that can be enabled.

use roster::api::deployment::AvailableExperiments;
use roster::http::{Authenticated, Payload};

/// Always empty.
pub(crate) async fn list_available_experiments(_: Authenticated) -> Payload<AvailableExperiments> {
    Payload(AvailableExperiments { safe: [] })
}
