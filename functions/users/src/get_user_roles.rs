//! `GET /api/v2/users/{user}/roles`: the roles of a user.

use axum::extract::State;
use roster::api::users::UserRoles;
use roster::app::App;
use roster::http::{ApiError, Payload, Target};

/// The stored site roles, and the stored roles in every organization whose members the caller may read.
pub(crate) async fn get_user_roles(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
) -> Result<Payload<UserRoles>, ApiError> {
    let roles = app.users.roles_of(&caller, &user)?;
    Ok(Payload(roles.into()))
}
