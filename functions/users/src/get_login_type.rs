//! `GET /api/v2/users/{user}/login-type`: how one signs in oneself.

use roster::api::users::UserLoginType;
use roster::http::{ApiError, Payload, Target};

/// The caller's own login type; 403 for anybody else, owners included (docs/api/users.md#login-type).
pub(crate) async fn get_login_type(Target { caller, user, .. }: Target) -> Result<Payload<UserLoginType>, ApiError> {
    if user.id != caller.user.id {
        return Err(ApiError::only_oneself());
    }
    Ok(Payload(UserLoginType { login_type: user.login_type.as_str() }))
}
