//! `GET /api/v2/users/{user}/organizations/{organizationname}`: an organization by name.

use roster::api::organizations::Organization;
use roster::http::{NamedOrganization, Payload, Target};

/// The organization with this name. The user need not be a member (docs/api/organizations.md#organization-by-name).
pub(crate) async fn get_user_organization(
    Target { prefetched: NamedOrganization(organization), .. }: Target<NamedOrganization>,
) -> Payload<Organization> {
    Payload(organization.into())
}
