//! `POST /api/v2/users/login`: signs in with a password.

use axum::extract::State;
use roster::api::login::{Credentials, LoginWithPasswordRequest, LoginWithPasswordResponse};
use roster::app::App;
use roster::http::{ApiError, Cookies, Created, Json, RequestOrigin, SetCookie};

/// Creates a session and returns its token in the body and as a cookie.
pub(crate) async fn login(
    State(app): State<App>,
    cookies: Cookies,
    RequestOrigin(origin): RequestOrigin,
    Json(body): Json<LoginWithPasswordRequest>,
) -> Result<(SetCookie, Created<LoginWithPasswordResponse>), ApiError> {
    let credentials = Credentials::try_from(body)?;
    let login = app.sessions.login(&credentials.email, &credentials.password, &origin).await?;
    Ok((cookies.session(&login.token), Created(login.into())))
}
