//! `POST /api/v2/users/otp/request`: sends a passcode to a user who forgot the password.

use axum::extract::State;
use roster::api::login::RequestOneTimePasscodeRequest;
use roster::app::App;
use roster::http::{ApiError, NoContent, RawBody, RequestOrigin};

/// The answer does not reveal whether a user has the address. Needs no token.
pub(crate) async fn request_passcode(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    body: RawBody,
) -> Result<NoContent, ApiError> {
    app.passcodes.check_enabled()?;
    let email = body.decode::<RequestOneTimePasscodeRequest>()?.try_into()?;
    app.passcodes.request(&email, &origin).await?;
    Ok(NoContent)
}
