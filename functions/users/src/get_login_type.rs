//! `GET /api/v2/users/{user}/login-type`: the login type of the caller.

use axum::extract::State;
use roster::api::users::UserLoginType;
use roster::app::App;
use roster::http::{ApiError, Payload, Target};

/// The login type of the caller. Any other user is 403, even for an owner (docs/api/users.md#login-type).
pub(crate) async fn get_login_type(
    State(app): State<App>,
    Target { caller, user, .. }: Target,
) -> Result<Payload<UserLoginType>, ApiError> {
    let login_type = app.users.login_type(&caller, &user)?;
    Ok(Payload(UserLoginType { login_type: login_type.as_str() }))
}
