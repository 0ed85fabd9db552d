//! `GET /api/v2/organizations`: the organizations.

use axum::extract::State;
use roster::api::organizations::Organization;
use roster::app::App;
use roster::http::{ApiError, Authenticated, Payload, WithDefaultOrganization};

/// Those that the caller may read.
pub(crate) async fn list_organizations(
    State(app): State<App>,
    Authenticated { session, .. }: Authenticated<WithDefaultOrganization>,
) -> Result<Payload<Vec<Organization>>, ApiError> {
    let organizations = app.organizations(&session.caller, &session.records)?;
    Ok(Payload(organizations.into_iter().map(Organization::from).collect()))
}
