//! `GET /api/v2/experiments`: the enabled experiments.

use roster::http::{Authenticated, Payload};

/// Always empty.
pub(crate) async fn list_experiments(_: Authenticated) -> Payload<[&'static str; 0]> {
    Payload([])
}
