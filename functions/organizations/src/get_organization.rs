//! `GET /api/v2/organizations/{organization}`: one organization.

use roster::api::organizations::Organization;
use roster::http::{ApiError, Authenticated, Payload};

/// By id or name; `default` and the nil UUID mean the default one.
pub(crate) async fn get_organization(
    Authenticated { session, named, .. }: Authenticated,
) -> Result<Payload<Organization>, ApiError> {
    let organization = named.organization()?.resolve(&session.caller, &session.records)?;
    Ok(Payload(organization.into()))
}
