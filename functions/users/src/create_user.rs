//! `POST /api/v2/users`: creates a user.

use axum::extract::State;
use roster::api::users::{CreateUserRequest, CreatedUser};
use roster::app::App;
use roster::http::{ApiError, Created, PrefetchedCommand};
use roster::service::users::create::NewUser;

/// Creates a user with claims, memberships and a git SSH key in one transaction.
pub(crate) async fn create_user(
    State(app): State<App>,
    PrefetchedCommand { caller, command, found, .. }: PrefetchedCommand<CreateUserRequest, NewUser>,
) -> Result<Created<CreatedUser>, ApiError> {
    let created = app.users.create(&caller, command, &found).await?;
    Ok(Created(created.into()))
}
