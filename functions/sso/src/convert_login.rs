//! `POST /api/v2/users/{user}/convert-login`: a ticket to sign in another way from now on.

use axum::extract::State;
use roster::api::sso::{ConvertLoginRequest, OAuthConversionResponse};
use roster::app::App;
use roster::http::{ApiError, Cookies, Created, Json, SetCookie, Target};

/// Issues a ticket, as a cookie, to whoever knows the password of the account.
pub(crate) async fn convert_login(
    State(app): State<App>,
    cookies: Cookies,
    Target { caller, user, .. }: Target,
    Json(body): Json<ConvertLoginRequest>,
) -> Result<(SetCookie, Created<OAuthConversionResponse>), ApiError> {
    let issued = app.single_sign_on.convert_login(&caller, &user, &body.try_into()?).await?;
    Ok((cookies.conversion(&issued), Created(issued.into())))
}
