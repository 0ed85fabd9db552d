//! `GET /api/v2/users/{user}/appearance`: themes and fonts.

use axum::extract::State;
use roster::api::settings::UserAppearanceSettings;
use roster::app::App;
use roster::http::{ApiError, Payload, Target, WithSettings};

/// What the user has set.
pub(crate) async fn get_appearance(
    State(app): State<App>,
    Target { session, user, .. }: Target<WithSettings>,
) -> Result<Payload<UserAppearanceSettings>, ApiError> {
    let settings = app.settings(&session.caller, &user, &session.records).await?;
    Ok(Payload(settings.appearance.into()))
}
