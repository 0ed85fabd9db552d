//! `GET /api/v2/users`: the users that the caller may read.

use axum::extract::State;
use roster::api::users::GetUsersResponse;
use roster::app::App;
use roster::http::{ApiError, Payload, UserListing};

/// A page of the users that match `q`, with the count of all matching users (docs/api/user-search.md).
pub(crate) async fn list_users(
    State(app): State<App>,
    UserListing { caller, query, cursor }: UserListing,
) -> Result<Payload<GetUsersResponse>, ApiError> {
    let page = app.user_search.list(&caller, &query, cursor.as_ref()).await?;
    Ok(Payload(page.into()))
}
