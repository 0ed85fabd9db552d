//! `PUT /api/v2/users/{user}/status/suspend`: ends every session's use from the next request on.

use axum::extract::State;
use roster::api::users::User;
use roster::app::App;
use roster::http::{ApiError, Payload, Target};

/// Changes the status; repeating it succeeds.
pub(crate) async fn suspend_user(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
) -> Result<Payload<User>, ApiError> {
    let user = app.users.suspend(&caller, user).await?;
    Ok(Payload(user.into()))
}
