//! `GET /api/v2/users/{user}/preferences`: how the interface behaves.

use axum::extract::State;
use roster::api::settings::UserPreferenceSettings;
use roster::app::App;
use roster::http::{ApiError, Payload, StoredSettings, Target};

/// What the user has set.
pub(crate) async fn get_preferences(
    State(app): State<App>,
    Target { caller, user, prefetched: StoredSettings(stored), .. }: Target<StoredSettings>,
) -> Result<Payload<UserPreferenceSettings>, ApiError> {
    let settings = app.settings.get(&caller, &user, stored).await?;
    Ok(Payload(settings.preferences.into()))
}
