//! `GET /api/v2/organizations/{organization}/settings/workspace-sharing`: which users members share workspaces with.

use roster::api::organizations::WorkspaceSharingSettings;
use roster::http::{Authenticated, NamedOrganization, Payload};

/// Always all users. Terraform reads the setting with every organization.
pub(crate) async fn get_workspace_sharing(
    _readable: Authenticated<NamedOrganization>,
) -> Payload<WorkspaceSharingSettings> {
    Payload(WorkspaceSharingSettings::default())
}
