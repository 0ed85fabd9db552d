//! `POST /api/v2/users/validate-password`: checks a password against the policy.

use roster::api::login::{ValidateUserPasswordRequest, ValidateUserPasswordResponse};
use roster::http::{ApiError, Json, Payload};

/// 200 for every valid body, also for a weak password. Needs no token.
pub(crate) async fn validate_password(
    Json(body): Json<ValidateUserPasswordRequest>,
) -> Result<Payload<ValidateUserPasswordResponse>, ApiError> {
    Ok(Payload(body.try_into()?))
}
