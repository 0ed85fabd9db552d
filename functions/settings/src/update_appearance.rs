//! `PUT /api/v2/users/{user}/appearance`: changes themes and fonts.

use axum::extract::State;
use roster::api::settings::{UpdateUserAppearanceSettingsRequest, UserAppearanceSettings};
use roster::app::App;
use roster::http::{ApiError, Json, Payload, StoredSettings, Target};

/// Answers with the settings after the change.
pub(crate) async fn update_appearance(
    State(app): State<App>,
    Target { caller, user, prefetched: StoredSettings(stored), .. }: Target<StoredSettings>,
    Json(body): Json<UpdateUserAppearanceSettingsRequest>,
) -> Result<Payload<UserAppearanceSettings>, ApiError> {
    let appearance = app.settings.update_appearance(&caller, &user, &body.try_into()?, stored).await?;
    Ok(Payload(appearance.into()))
}
