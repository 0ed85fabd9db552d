//! `GET /api/v2/organizations/{organization}/settings/workspace-sharing`: which users members share workspaces with.

use roster::api::organizations::WorkspaceSharingSettings;
use roster::http::{Authenticated, NamedOrganization, Payload};

/// All users, in every organization that the caller may read. Terraform asks for it at each read of an organization.
pub(crate) async fn get_workspace_sharing(
    _readable: Authenticated<NamedOrganization>,
) -> Payload<WorkspaceSharingSettings> {
    Payload(WorkspaceSharingSettings::default())
}
