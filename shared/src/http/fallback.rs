//! Requests that no route answers (docs/api/conventions.md#unknown-routes).

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::authenticate::authenticate;
use super::error::ApiError;
use super::route::is_below_user;
use super::{limits, path};
use crate::app::App;
use crate::service::session::Reads;

/// The root of the SCIM API, whose unknown routes answer in a format of its own.
const SCIM: &str = "/scim/";

/// Answers for a path that no route has. Below a user, a request without a valid token is refused first.
pub(super) async fn unknown_route(State(app): State<App>, request: Request) -> Response {
    if request.uri().path().starts_with(SCIM) {
        return ApiError::no_scim().into_response();
    }
    let needs_token = path::below_api(&request).is_some_and(is_below_user);
    not_found(&app, request, needs_token).await
}

/// Answers for a reserved path that no route has.
pub(super) async fn unknown_reserved_route(State(app): State<App>, request: Request) -> Response {
    not_found(&app, request, false).await
}

async fn not_found(app: &App, request: Request, needs_token: bool) -> Response {
    match counted(app, request, needs_token).await {
        Ok(()) => ApiError::unknown_route().into_response(),
        Err(error) => error.into_response(),
    }
}

/// Answers for a path whose routes lack the method. The router adds `Allow`.
pub(super) async fn method_not_allowed(app: App, request: Request, needs_token: bool) -> Response {
    match counted(&app, request, needs_token).await {
        Ok(()) => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        Err(error) => error.into_response(),
    }
}

/// Counts a request. With `needs_token`, it must be authenticated.
async fn counted(app: &App, request: Request, needs_token: bool) -> Result<(), ApiError> {
    let parts = request.into_parts().0;
    if needs_token {
        authenticate(app, &parts, &Reads::default()).await.map(drop)
    } else {
        limits::count_unauthenticated(app, &parts).await
    }
}
