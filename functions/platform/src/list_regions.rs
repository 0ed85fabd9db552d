//! `GET /api/v2/regions`: from where the deployment is served.

use axum::extract::State;
use roster::api::deployment::Regions;
use roster::app::App;
use roster::http::{Authenticated, Payload};

/// From one place.
pub(crate) async fn list_regions(State(app): State<App>, _: Authenticated) -> Payload<Regions> {
    Payload(Regions::new(&app.config, app.deployment.id()))
}
