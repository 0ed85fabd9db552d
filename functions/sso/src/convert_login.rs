//! `POST /api/v2/users/{user}/convert-login`: issues a ticket to change the login type.

use axum::extract::State;
use roster::api::sso::{ConvertLoginRequest, OAuthConversionResponse};
use roster::app::App;
use roster::http::{ApiError, Cookies, Created, Json, SetCookie, Target};

/// Issues a ticket as a cookie. The caller must send the password of the user.
pub(crate) async fn convert_login(
    State(app): State<App>,
    cookies: Cookies,
    Target { caller, user, .. }: Target,
    Json(body): Json<ConvertLoginRequest>,
) -> Result<(SetCookie, Created<OAuthConversionResponse>), ApiError> {
    let issued = app.single_sign_on.convert_login(&caller, &user, &body.try_into()?).await?;
    Ok((cookies.conversion(&issued), Created(issued.into())))
}
