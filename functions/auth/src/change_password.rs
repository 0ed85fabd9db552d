//! `PUT /api/v2/users/{user}/password`: changes the password of the caller or of another user.

use axum::extract::State;
use roster::api::login::ChangePasswordRequest;
use roster::app::App;
use roster::http::{ApiError, CurrentPassword, NoContent, RawBody, Target};

/// Replaces the password and ends every session and token of the user.
pub(crate) async fn change_password(
    State(app): State<App>,
    Target { caller, user, prefetched: CurrentPassword(stored), .. }: Target<CurrentPassword>,
    body: RawBody,
) -> Result<NoContent, ApiError> {
    app.passwords.check_may_change(&caller, &user)?;
    let change = body.decode::<ChangePasswordRequest>()?.try_into()?;
    app.passwords.change(&caller, user, &change, stored).await?;
    Ok(NoContent)
}
