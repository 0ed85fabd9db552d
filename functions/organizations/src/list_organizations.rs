//! `GET /api/v2/organizations`: the organizations.

use axum::extract::State;
use roster::api::organizations::Organization;
use roster::app::App;
use roster::http::{Authenticated, DefaultOrganization, Payload};

/// The organizations that the caller may read.
pub(crate) async fn list_organizations(
    State(app): State<App>,
    Authenticated { caller, prefetched: DefaultOrganization(default) }: Authenticated<DefaultOrganization>,
) -> Payload<Vec<Organization>> {
    let organizations = app.organizations.list(&caller, default);
    Payload(organizations.into_iter().map(Organization::from).collect())
}
