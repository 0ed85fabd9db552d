//! `GET /api/v2/buildinfo`: the version and where the deployment is.

use axum::extract::State;
use roster::api::deployment::BuildInfo;
use roster::http::Payload;
use roster::runtime::App;

/// Read by the CLI when versions differ; nobody needs to be signed in.
pub(crate) async fn get_build_info(State(app): State<App>) -> Payload<BuildInfo> {
    Payload(BuildInfo::new(&app.config, app.deployment_id()))
}
