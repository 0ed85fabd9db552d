//! `PUT /api/v2/users/{user}/status/suspend`: suspends a user.

use axum::extract::State;
use roster::api::users::User;
use roster::app::App;
use roster::http::{ApiError, Payload, Target};

/// Sets the status to suspended. Every key of the user is refused from the next request on. Repeating the request
/// succeeds.
pub(crate) async fn suspend_user(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
) -> Result<Payload<User>, ApiError> {
    let user = app.users.suspend(&caller, user).await?;
    Ok(Payload(user.into()))
}
