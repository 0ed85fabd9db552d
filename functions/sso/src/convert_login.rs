//! `POST /api/v2/users/{user}/convert-login`: a ticket to sign in another way from now on.

use axum::extract::State;
use http::HeaderMap;
use http::header::SET_COOKIE;
use roster::api::sso::{ConvertLoginRequest, OAuthConversionResponse};
use roster::app::App;
use roster::http::{ApiError, Created, Json, Target, conversion_cookie};

/// Issues a ticket, as a cookie, to whoever knows the password of the account.
pub(crate) async fn convert_login(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
    Json(body): Json<ConvertLoginRequest>,
) -> Result<(HeaderMap, Created<OAuthConversionResponse>), ApiError> {
    let issued = app.convert_login(&caller, &user, &body.try_into()?).await?;
    let mut headers = HeaderMap::new();
    headers.extend(conversion_cookie(&issued, &app.config).map(|cookie| (SET_COOKIE, cookie)));
    Ok((headers, Created(issued.into())))
}
