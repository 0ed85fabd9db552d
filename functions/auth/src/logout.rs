//! `POST /api/v2/users/logout`: ends the session.

use axum::extract::State;
use roster::api::envelope::Envelope;
use roster::app::App;
use roster::http::{ApiError, Authenticated, Cookies, OwnKeys, Payload, SetCookie};

/// Deletes the key of the request, and the keys of the caller that only allow connections to applications.
pub(crate) async fn logout(
    State(app): State<App>,
    cookies: Cookies,
    Authenticated { caller, prefetched: OwnKeys(own_keys) }: Authenticated<OwnKeys>,
) -> Result<(SetCookie, Payload<Envelope>), ApiError> {
    app.sessions.logout(&caller, own_keys).await?;
    Ok((cookies.end_session(), Payload(Envelope::message("You are signed out."))))
}
