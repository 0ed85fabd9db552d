//! `GET /api/v2/users/{user}/organizations/{organizationname}`: an organization by name.

use roster::api::organizations::Organization;
use roster::http::{NamedOrganization, Payload, Target};

/// The organization of that name; the user need not belong to it (docs/api/organizations.md#organization-by-name).
pub(crate) async fn get_user_organization(
    Target { prefetched: NamedOrganization(organization), .. }: Target<NamedOrganization>,
) -> Payload<Organization> {
    Payload(organization.into())
}
