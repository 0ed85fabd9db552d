//! `GET /api/v2/users/roles`: the site roles that can be assigned.

use axum::extract::State;
use roster::api::roles::AssignableRole;
use roster::app::App;
use roster::http::{ApiError, Authenticated, Payload};

/// Every site role except the implied one, and whether the caller may assign it.
pub(crate) async fn list_site_roles(
    State(app): State<App>,
    Authenticated { caller, .. }: Authenticated,
) -> Result<Payload<Vec<AssignableRole>>, ApiError> {
    let roles = app.users.site_roles(&caller)?;
    Ok(Payload(roles.into_iter().map(|(role, assignable)| AssignableRole::site(role, assignable)).collect()))
}
