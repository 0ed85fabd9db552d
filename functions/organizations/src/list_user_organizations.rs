//! `GET /api/v2/users/{user}/organizations`: the organizations of a user.

use axum::extract::State;
use roster::api::organizations::Organization;
use roster::app::App;
use roster::http::{ApiError, DefaultOrganization, Payload, Target};

/// The organizations of the user that the caller may read, in the order in which the user joined.
pub(crate) async fn list_user_organizations(
    State(app): State<App>,
    Target { caller, user, prefetched: DefaultOrganization(default), .. }: Target<DefaultOrganization>,
) -> Result<Payload<Vec<Organization>>, ApiError> {
    let organizations = app.organizations.list_of(&caller, &user, default).await?;
    Ok(Payload(organizations.into_iter().map(Organization::from).collect()))
}
