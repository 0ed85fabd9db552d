//! Requests that no route answers (docs/api/conventions.md#unknown-routes).

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::authenticate::authenticate;
use super::error::ApiError;
use super::{limits, path};
use crate::app::App;
use crate::service::session::Reads;

/// No route has this path. Below a user, whoever has no valid token hears that first.
pub(super) async fn unknown_route(State(app): State<App>, request: Request) -> Response {
    if request.uri().path().starts_with("/scim/") {
        return ApiError::no_scim().into_response();
    }
    let below_user = path::below_api(&request)
        .and_then(|path| path.strip_prefix("/users/"))
        .is_some_and(|rest| rest.split_once('/').is_some_and(|(user, rest)| !user.is_empty() && !rest.is_empty()));
    not_found(&app, request, below_user).await
}

/// The same below a segment that is no user's.
pub(super) async fn unknown_route_of_nobody(State(app): State<App>, request: Request) -> Response {
    not_found(&app, request, false).await
}

async fn not_found(app: &App, request: Request, needs_token: bool) -> Response {
    match counted(app, request, needs_token).await {
        Ok(()) => ApiError::unknown_route().into_response(),
        Err(error) => error.into_response(),
    }
}

/// A route has this path, and not this method. The router adds `Allow`.
pub(super) async fn method_not_allowed(State(app): State<App>, request: Request) -> Response {
    let below_users = path::below_api(&request).and_then(|path| path.strip_prefix("/users/")).unwrap_or_default();
    // For the methods that it lacks `otp` is a user, who has no such paths; `oauth2` is nobody for any method
    // (docs/api/conventions.md#reserved-segments).
    if below_users.starts_with("otp/") {
        return unknown_route(State(app), request).await;
    }
    let names_user = !below_users.is_empty() && !below_users.starts_with("oauth2/");
    if let Err(error) = counted(&app, request, names_user).await {
        return error.into_response();
    }
    StatusCode::METHOD_NOT_ALLOWED.into_response()
}

/// Counts the request of somebody who must be authenticated, or of anybody.
async fn counted(app: &App, request: Request, needs_token: bool) -> Result<(), ApiError> {
    let parts = request.into_parts().0;
    if needs_token {
        authenticate(app, &parts, &Reads::default()).await.map(drop)
    } else {
        limits::count_unauthenticated(app, &parts).await
    }
}
