//! `POST /api/v2/users/login`: signs in with a password.

use axum::extract::State;
use axum::response::IntoResponse;
use http::HeaderMap;
use http::header::SET_COOKIE;
use roster::api::login::{Credentials, LoginWithPasswordRequest, LoginWithPasswordResponse};
use roster::http::{ApiError, ClientAddress, Created, Json, session_cookie};
use roster::runtime::App;

/// Makes a session, in the body and as a cookie.
pub(crate) async fn login(
    State(app): State<App>,
    ClientAddress(address): ClientAddress,
    Json(body): Json<LoginWithPasswordRequest>,
) -> Result<impl IntoResponse, ApiError> {
    let credentials = Credentials::try_from(body)?;
    let token = app.login(&credentials.email, &credentials.password, &address).await?;
    let mut headers = HeaderMap::new();
    headers.extend(session_cookie(&token, &app.config).map(|cookie| (SET_COOKIE, cookie)));
    let session_token = token.reveal();
    Ok((headers, Created(LoginWithPasswordResponse { session_token })))
}
