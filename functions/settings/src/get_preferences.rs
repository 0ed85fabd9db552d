//! `GET /api/v2/users/{user}/preferences`: how the interface behaves.

use axum::extract::State;
use roster::api::settings::UserPreferenceSettings;
use roster::app::App;
use roster::http::{ApiError, Payload, Target, WithSettings};

/// What the user has set.
pub(crate) async fn get_preferences(
    State(app): State<App>,
    Target { session, user, .. }: Target<WithSettings>,
) -> Result<Payload<UserPreferenceSettings>, ApiError> {
    let settings = app.settings(&session.caller, &user, &session.records).await?;
    Ok(Payload(settings.preferences.into()))
}
