//! `DELETE /api/v2/users/{user}`: deletes a user softly.

use axum::extract::State;
use roster::api::envelope::Envelope;
use roster::app::App;
use roster::http::{ApiError, Payload, Target};

/// Deletes the user; every key ends with it, the username and the e-mail address become free.
pub(crate) async fn delete_user(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
) -> Result<Payload<Envelope>, ApiError> {
    app.users.delete(&caller, user).await?;
    Ok(Payload(Envelope::message("The user was deleted.")))
}
