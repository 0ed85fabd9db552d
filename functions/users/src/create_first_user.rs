//! `POST /api/v2/users/first`: sets a deployment up.

use axum::extract::State;
use roster::api::users::{CreateFirstUserRequest, CreateFirstUserResponse};
use roster::app::App;
use roster::http::{ApiError, Created, Json, RequestOrigin};

/// Creates the first user, who is an owner, and the default organization. Of several at once one succeeds.
pub(crate) async fn create_first_user(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    Json(body): Json<CreateFirstUserRequest>,
) -> Result<Created<CreateFirstUserResponse>, ApiError> {
    let (user_id, organization_id) = app.users.create_first(body.try_into()?, &origin).await?;
    Ok(Created(CreateFirstUserResponse { user_id, organization_id }))
}
