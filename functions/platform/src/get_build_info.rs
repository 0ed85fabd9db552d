//! `GET /api/v2/buildinfo`: the version and the URL of the deployment.

use axum::extract::State;
use roster::api::deployment::BuildInfo;
use roster::app::App;
use roster::http::Payload;

/// The CLI compares the version with its own. Needs no token.
pub(crate) async fn get_build_info(State(app): State<App>) -> Payload<BuildInfo> {
    Payload(BuildInfo::new(&app.config, app.deployment.id()))
}
