//! `PUT /api/v2/users/{user}/roles`: replaces the site roles of a user.

use axum::extract::State;
use roster::api::roles::UpdateRoles;
use roster::api::users::User;
use roster::http::{ApiError, Json, Payload, Target};
use roster::runtime::App;

/// Replaces the whole set; takes effect with the user's next request.
pub(crate) async fn update_user_roles(
    State(app): State<App>,
    Target { session, user, .. }: Target,
    Json(body): Json<UpdateRoles>,
) -> Result<Payload<User>, ApiError> {
    let user = app.update_roles(&session.caller, user, &body.roles).await?;
    Ok(Payload(user.into()))
}
