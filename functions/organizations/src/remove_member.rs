//! `DELETE /api/v2/organizations/{organization}/members/{user}`: removes a member.

use axum::extract::State;
use roster::app::App;
use roster::http::{ApiError, Authenticated, NamedMember, NoContent};

/// Deletes a membership. A user cannot delete their own.
pub(crate) async fn remove_member(
    State(app): State<App>,
    Authenticated { caller, prefetched: NamedMember(member) }: Authenticated<NamedMember>,
) -> Result<NoContent, ApiError> {
    app.organizations.remove_member(&caller, member).await?;
    Ok(NoContent)
}
