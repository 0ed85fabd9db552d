//! `GET /api/v2/organizations/{organization}/settings/workspace-sharing`: with whom members share.

use roster::api::organizations::WorkspaceSharingSettings;
use roster::http::{ApiError, Authenticated, Payload};

/// With everyone, in every organization. Terraform asks with each read of an organization.
pub(crate) async fn get_workspace_sharing(
    Authenticated { session, named, .. }: Authenticated,
) -> Result<Payload<WorkspaceSharingSettings>, ApiError> {
    named.organization()?.resolve(&session.caller, &session.records)?;
    Ok(Payload(WorkspaceSharingSettings::default()))
}
