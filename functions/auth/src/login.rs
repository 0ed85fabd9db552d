//! `POST /api/v2/users/login`: signs in with a password.

use axum::extract::State;
use http::HeaderMap;
use http::header::SET_COOKIE;
use roster::api::login::{Credentials, LoginWithPasswordRequest, LoginWithPasswordResponse};
use roster::app::App;
use roster::http::{ApiError, Created, Json, RequestOrigin, session_cookie};

/// Makes a session, in the body and as a cookie.
pub(crate) async fn login(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    Json(body): Json<LoginWithPasswordRequest>,
) -> Result<(HeaderMap, Created<LoginWithPasswordResponse>), ApiError> {
    let credentials = Credentials::try_from(body)?;
    let login = app.login(&credentials.email, &credentials.password, &origin).await?;
    let mut headers = HeaderMap::new();
    headers.extend(session_cookie(&login.token, &app.config).map(|cookie| (SET_COOKIE, cookie)));
    Ok((headers, Created(login.into())))
}
