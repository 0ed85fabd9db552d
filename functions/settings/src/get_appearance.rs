//! `GET /api/v2/users/{user}/appearance`: themes and fonts.

use axum::extract::State;
use roster::api::settings::UserAppearanceSettings;
use roster::http::{ApiError, Payload, Target, WithSettings};
use roster::runtime::App;

/// What the user has set.
pub(crate) async fn get_appearance(
    State(app): State<App>,
    Target { session, user, .. }: Target<WithSettings>,
) -> Result<Payload<UserAppearanceSettings>, ApiError> {
    let settings = app.settings(&session.caller, &user, &session.records).await?;
    Ok(Payload(settings.appearance.into()))
}
