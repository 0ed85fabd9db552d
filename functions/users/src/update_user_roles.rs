//! `PUT /api/v2/users/{user}/roles`: replaces the site roles of a user.

use axum::extract::State;
use roster::api::roles::UpdateRoles;
use roster::api::users::User;
use roster::app::App;
use roster::http::{ApiError, Payload, RawBody, Target};

/// Replaces all site roles. The change takes effect with the next request of the user.
pub(crate) async fn update_user_roles(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
    body: RawBody,
) -> Result<Payload<User>, ApiError> {
    app.users.check_may_change_roles(&caller, &user)?;
    let body: UpdateRoles = body.decode()?;
    let user = app.users.update_roles(&caller, user, &body.roles).await?;
    Ok(Payload(user.into()))
}
