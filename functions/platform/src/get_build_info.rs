//! `GET /api/v2/buildinfo`: the version and where the deployment is.

use axum::extract::State;
use roster::api::deployment::BuildInfo;
use roster::app::App;
use roster::http::Payload;

/// Read by the CLI when versions differ; nobody needs to be signed in.
pub(crate) async fn get_build_info(State(app): State<App>) -> Payload<BuildInfo> {
    Payload(BuildInfo::new(&app.config, app.deployment.id()))
}
