//! `PUT /api/v2/users/{user}/preferences`: changes the preferences of a user.

use axum::extract::State;
use roster::api::settings::{UpdateUserPreferenceSettingsRequest, UserPreferenceSettings};
use roster::app::App;
use roster::http::{ApiError, Json, Payload, StoredSettings, Target};

/// Answers with the settings after the change.
pub(crate) async fn update_preferences(
    State(app): State<App>,
    Target { caller, user, prefetched: StoredSettings(stored), .. }: Target<StoredSettings>,
    Json(body): Json<UpdateUserPreferenceSettingsRequest>,
) -> Result<Payload<UserPreferenceSettings>, ApiError> {
    let preferences = app.settings.update_preferences(&caller, &user, &body.try_into()?, stored).await?;
    Ok(Payload(preferences.into()))
}
