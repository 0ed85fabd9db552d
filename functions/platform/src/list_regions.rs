//! `GET /api/v2/regions`: the regions of the deployment.

use axum::extract::State;
use roster::api::deployment::Regions;
use roster::app::App;
use roster::http::{Authenticated, Payload};

/// Always one region.
pub(crate) async fn list_regions(State(app): State<App>, _: Authenticated) -> Payload<Regions> {
    Payload(Regions::new(&app.config, app.deployment.id()))
}
