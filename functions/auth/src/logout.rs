//! `POST /api/v2/users/logout`: ends the session.

use axum::extract::State;
use axum::response::IntoResponse;
use http::HeaderMap;
use http::header::SET_COOKIE;
use roster::api::envelope::Envelope;
use roster::app::App;
use roster::http::{ApiError, Authenticated, OwnKeys, Payload, clear_session_cookie};

/// Deletes the key presented, and the caller's keys that only connect to applications.
pub(crate) async fn logout(
    State(app): State<App>,
    Authenticated { caller, prefetched: OwnKeys(own_keys) }: Authenticated<OwnKeys>,
) -> Result<impl IntoResponse, ApiError> {
    app.logout(&caller, own_keys).await?;
    let mut headers = HeaderMap::new();
    headers.extend(clear_session_cookie(&app.config).map(|cookie| (SET_COOKIE, cookie)));
    Ok((headers, Payload(Envelope::message("You are signed out."))))
}
