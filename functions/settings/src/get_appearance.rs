//! `GET /api/v2/users/{user}/appearance`: themes and fonts.

use axum::extract::State;
use roster::api::settings::UserAppearanceSettings;
use roster::app::App;
use roster::http::{ApiError, Payload, StoredSettings, Target};

/// The values that the user has set, and defaults for the rest.
pub(crate) async fn get_appearance(
    State(app): State<App>,
    Target { caller, user, prefetched: StoredSettings(stored), .. }: Target<StoredSettings>,
) -> Result<Payload<UserAppearanceSettings>, ApiError> {
    let settings = app.settings.get(&caller, &user, stored).await?;
    Ok(Payload(settings.appearance.into()))
}
