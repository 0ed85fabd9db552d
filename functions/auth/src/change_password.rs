//! `PUT /api/v2/users/{user}/password`: another password, one's own or somebody else's.

use axum::extract::State;
use roster::api::login::ChangePasswordRequest;
use roster::domain::audit::Origin;
use roster::domain::user::User;
use roster::http::{ApiError, NoContent, RequestOrigin, Target, Unread, WithPassword};
use roster::runtime::App;
use roster::service::session::Session;

/// Replaces the password and ends every session and token of the user. What comes of it, once the user is found, is a
/// row of the audit log.
pub(crate) async fn change_password(
    State(app): State<App>,
    RequestOrigin(origin): RequestOrigin,
    Target { session, user, .. }: Target<WithPassword>,
    body: Unread,
) -> Result<NoContent, ApiError> {
    let changed = change(&app, &session, &user, body, &origin).await;
    if let Err(refusal) = &changed {
        app.password_change_was_refused(&session.caller, &user, &origin, refusal.status().as_u16()).await;
    }
    changed
}

async fn change(
    app: &App,
    session: &Session,
    user: &User,
    body: Unread,
    origin: &Origin,
) -> Result<NoContent, ApiError> {
    app.may_change_password(&session.caller, user)?;
    let change = body.decode::<ChangePasswordRequest>()?.try_into()?;
    app.change_password(&session.caller, user.clone(), &change, &session.records, origin).await?;
    Ok(NoContent)
}
