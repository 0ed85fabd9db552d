//! `POST /api/v2/users/validate-password`: what the policy says of a password.

use roster::api::login::{ValidateUserPasswordRequest, ValidateUserPasswordResponse};
use roster::http::{ApiError, Json, Payload};

/// 200 whatever the verdict; nobody needs to be signed in.
pub(crate) async fn validate_password(
    Json(body): Json<ValidateUserPasswordRequest>,
) -> Result<Payload<ValidateUserPasswordResponse>, ApiError> {
    Ok(Payload(body.try_into()?))
}
