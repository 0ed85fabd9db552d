//! `PUT /api/v2/users/{user}/profile`: replaces username, real name and avatar.

use axum::extract::State;
use roster::api::users::{UpdateUserProfileRequest, User};
use roster::app::App;
use roster::http::{ApiError, Json, Payload, Target};

/// Replaces all three values. The claim of a new username is written in the same transaction.
pub(crate) async fn update_user_profile(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
    Json(body): Json<UpdateUserProfileRequest>,
) -> Result<Payload<User>, ApiError> {
    let user = app.users.update_profile(&caller, user, &body.try_into()?).await?;
    Ok(Payload(user.into()))
}
