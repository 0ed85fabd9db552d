//! `GET /api/v2/users/{user}/organizations/{organizationname}`: an organization by name.

use axum::extract::State;
use roster::api::organizations::Organization;
use roster::app::App;
use roster::http::{ApiError, Payload, Target};

/// The organization of that name; the user need not belong to it (docs/api/organizations.md#organization-by-name).
pub(crate) async fn get_user_organization(
    State(app): State<App>,
    Target { session, named, .. }: Target,
) -> Result<Payload<Organization>, ApiError> {
    let organization = app.organization_by_name(&session.caller, &named.organization_name, &session.records)?;
    Ok(Payload(organization.into()))
}
