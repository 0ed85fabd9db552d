//! `DELETE /api/v2/organizations/{organization}/members/{user}`: takes a member out.

use axum::extract::State;
use roster::app::App;
use roster::http::{ApiError, Authenticated, NoContent};

/// Ends a membership; nobody ends his own.
pub(crate) async fn remove_member(
    State(app): State<App>,
    Authenticated { session, named, .. }: Authenticated,
) -> Result<NoContent, ApiError> {
    let (organization, user) = named.member()?;
    app.remove_member(&session.caller, organization, user, &session.records).await?;
    Ok(NoContent)
}
