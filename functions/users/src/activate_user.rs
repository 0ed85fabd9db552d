//! `PUT /api/v2/users/{user}/status/activate`: a dormant or suspended user may sign in again, and kept keys work again.

use axum::extract::State;
use roster::api::users::User;
use roster::app::App;
use roster::http::{ApiError, Payload, Target};

/// Changes the status; repeating it succeeds.
pub(crate) async fn activate_user(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
) -> Result<Payload<User>, ApiError> {
    let user = app.users.activate(&caller, user).await?;
    Ok(Payload(user.into()))
}
