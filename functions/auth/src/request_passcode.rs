//! `POST /api/v2/users/otp/request`: a passcode by mail for whoever forgot a password.

use axum::extract::State;
use roster::api::login::RequestOneTimePasscodeRequest;
use roster::app::App;
use roster::http::{ApiError, NoContent, RawBody, RequestOrigin};

/// The same answer whether or not somebody has the address; nobody needs to be signed in.
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
