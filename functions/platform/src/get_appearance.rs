//! `GET /api/v2/appearance`: the appearance of the dashboard.

use axum::extract::State;
use roster::api::deployment::Appearance;
use roster::app::App;
use roster::http::{Authenticated, Payload};

/// Always the default.
pub(crate) async fn get_appearance(State(app): State<App>, _: Authenticated) -> Payload<Appearance> {
    Payload(app.config.as_ref().into())
}
