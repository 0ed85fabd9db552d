//! `POST /api/v2/users/otp/change-password`: sets a new password with a passcode.

use axum::extract::State;
use roster::api::login::ChangePasswordWithOneTimePasscodeRequest;
use roster::app::App;
use roster::http::{ApiError, NoContent, RawBody, RequestOrigin};

/// Deletes every session and token of the user, and creates no session.
pub(crate) async fn change_password_with_passcode(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    body: RawBody,
) -> Result<NoContent, ApiError> {
    app.passcodes.check_enabled()?;
    let redemption = body.decode::<ChangePasswordWithOneTimePasscodeRequest>()?.try_into()?;
    app.passcodes.redeem(&redemption, &origin).await?;
    Ok(NoContent)
}
