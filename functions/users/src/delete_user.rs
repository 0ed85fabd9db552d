//! `DELETE /api/v2/users/{user}`: deletes a user. The record stays readable by id.

use axum::extract::State;
use roster::api::envelope::Envelope;
use roster::app::App;
use roster::http::{ApiError, Payload, Target};

/// Deletes the user and every key of the user. Username and e-mail address can be used again.
pub(crate) async fn delete_user(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
) -> Result<Payload<Envelope>, ApiError> {
    app.users.delete(&caller, user).await?;
    Ok(Payload(Envelope::message("The user was deleted.")))
}
