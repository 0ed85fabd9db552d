//! `GET /api/v2/organizations/{organization}`: one organization.

use roster::api::organizations::Organization;
use roster::http::{Authenticated, NamedOrganization, Payload};

/// By id or name; `default` and the nil UUID mean the default organization.
pub(crate) async fn get_organization(
    Authenticated { prefetched: NamedOrganization(organization), .. }: Authenticated<NamedOrganization>,
) -> Payload<Organization> {
    Payload(organization.into())
}
