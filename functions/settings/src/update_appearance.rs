//! `PUT /api/v2/users/{user}/appearance`: changes themes and fonts.

use axum::extract::State;
use roster::api::settings::{UpdateUserAppearanceSettingsRequest, UserAppearanceSettings};
use roster::app::App;
use roster::http::{ApiError, Json, Payload, Target, WithSettings};

/// Answers with the resulting state.
pub(crate) async fn update_appearance(
    State(app): State<App>,
    Target { session, user, .. }: Target<WithSettings>,
    Json(body): Json<UpdateUserAppearanceSettingsRequest>,
) -> Result<Payload<UserAppearanceSettings>, ApiError> {
    let appearance = app.update_appearance(&session.caller, &user, &body.try_into()?, &session.records).await?;
    Ok(Payload(appearance.into()))
}
