//! `GET /api/v2/users/{user}/appearance`: themes and fonts.

use axum::extract::State;
use roster::api::settings::UserAppearanceSettings;
use roster::app::App;
use roster::http::{ApiError, Payload, StoredSettings, Target};

/// What the user has set.
pub(crate) async fn get_appearance(
    State(app): State<App>,
    Target { caller, user, prefetched: StoredSettings(stored), .. }: Target<StoredSettings>,
) -> Result<Payload<UserAppearanceSettings>, ApiError> {
    let settings = app.settings.get(&caller, &user, stored).await?;
    Ok(Payload(settings.appearance.into()))
}
