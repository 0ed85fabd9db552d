//! `GET /api/v2/users/{user}/preferences`: the preferences of a user.

use axum::extract::State;
use roster::api::settings::UserPreferenceSettings;
use roster::app::App;
use roster::http::{ApiError, Payload, StoredSettings, Target};

/// The values that the user has set, and defaults for the rest.
pub(crate) async fn get_preferences(
    State(app): State<App>,
    Target { caller, user, prefetched: StoredSettings(stored), .. }: Target<StoredSettings>,
) -> Result<Payload<UserPreferenceSettings>, ApiError> {
    let settings = app.settings.get(&caller, &user, stored).await?;
    Ok(Payload(settings.preferences.into()))
}
