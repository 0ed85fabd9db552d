//! `POST /api/v2/users/first`: creates the first user of a deployment.

use axum::extract::State;
use roster::api::users::{CreateFirstUserRequest, CreateFirstUserResponse};
use roster::app::App;
use roster::http::{ApiError, Created, Json, RequestOrigin};

/// Creates the first user, an owner, and the default organization. One of several concurrent requests succeeds.
pub(crate) async fn create_first_user(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    Json(body): Json<CreateFirstUserRequest>,
) -> Result<Created<CreateFirstUserResponse>, ApiError> {
    let (user_id, organization_id) = app.users.create_first(body.try_into()?, &origin).await?;
    Ok(Created(CreateFirstUserResponse { user_id, organization_id }))
}
