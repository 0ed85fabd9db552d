//! `PUT /api/v2/users/{user}/status/activate`: activates a dormant or suspended user.

use axum::extract::State;
use roster::api::users::User;
use roster::app::App;
use roster::http::{ApiError, Payload, Target};

/// Sets the status to active. The existing keys of the user are valid again. Repeating the request succeeds.
pub(crate) async fn activate_user(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
) -> Result<Payload<User>, ApiError> {
    let user = app.users.activate(&caller, user).await?;
    Ok(Payload(user.into()))
}
