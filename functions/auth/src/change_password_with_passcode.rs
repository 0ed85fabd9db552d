//! `POST /api/v2/users/otp/change-password`: another password by a passcode.

use axum::extract::State;
use roster::api::login::ChangePasswordWithOneTimePasscodeRequest;
use roster::app::App;
use roster::http::{ApiError, NoContent, RawBody, RequestOrigin};

/// Ends every session and token of the account, and signs nobody in.
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
