//! `PUT /api/v2/organizations/{organization}/members/{user}/roles`: replaces a member's roles.

use axum::extract::State;
use roster::api::organizations::OrganizationMember;
use roster::api::roles::UpdateRoles;
use roster::app::App;
use roster::http::{ApiError, Authenticated, Json, NamedMember, Payload};

/// Replaces the stored roles. A user cannot change their own.
pub(crate) async fn update_member_roles(
    State(app): State<App>,
    Authenticated { caller, prefetched: NamedMember(member) }: Authenticated<NamedMember>,
    Json(body): Json<UpdateRoles>,
) -> Result<Payload<OrganizationMember>, ApiError> {
    let (user_id, membership) = app.organizations.update_member_roles(&caller, member, &body.roles).await?;
    Ok(Payload(OrganizationMember::new(user_id, &membership)))
}
