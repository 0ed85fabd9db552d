//! Rate limits of requests (docs/api/authentication.md#rate-limits): whose limit a request counts against, who is
//! exempt, and the headers of the answer.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::context::RequestContext;
use super::deferred::defer;
use super::error::ApiError;
use super::route::{BASE, LimitGroup, MatchedRoute, Refuse};
use super::{client, csrf};
use crate::app::App;
use crate::domain::rate_limit::Verdict;
use crate::domain::user::User;
use crate::service::rate_limits::Requester;
use crate::service::session::Reads;

const BYPASS: &str = "x-coder-bypass-ratelimit";
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Counts a request: for `user` if it carries a valid token, otherwise for the address that the gateway saw. An error
/// is the answer of the request.
pub(super) fn count(app: &App, parts: &Parts, user: Option<&User>) -> Result<(), ApiError> {
    let (path, route) = (parts.uri.path(), parts.extensions.get::<MatchedRoute>());
    // Outside the API only pages are counted; every other path is unknown.
    if !app.rate_limiter.is_enabled() || !(is_of_the_api(path) || route.is_some()) {
        return Ok(());
    }
    let requester = match user {
        Some(user) if asks_to_bypass(&parts.headers) => {
            return if user.is_owner() { Ok(()) } else { Err(ApiError::bypass_refused()) };
        }
        Some(user) => Requester::User(user.id),
        None => Requester::at(client::address(&parts.extensions)),
    };
    let is_of_login_group = route.is_some_and(|route| route.limit == LimitGroup::Login);
    let counted = app.rate_limiter.count(&requester, path, is_of_login_group);
    let context = RequestContext::of(&parts.extensions);
    for report in counted.due {
        let reporter = app.clone();
        defer(app, &context, "report counted requests", async move { reporter.rate_limiter.report(report).await });
    }
    let Some(verdict) = counted.verdict else { return Ok(()) };
    context.report_verdict(verdict);
    if verdict.retry_after_seconds.is_some() { Err(ApiError::too_many_requests(verdict.limit)) } else { Ok(()) }
}

/// Counts a request to a public route. Its token is verified only to find the user it counts for. An invalid token is
/// ignored (docs/api/authentication.md#public-routes).
pub(super) async fn count_unauthenticated(app: &App, parts: &Parts) -> Result<(), ApiError> {
    let user = match client::token(parts, &app.config) {
        Some(token) if app.rate_limiter.is_enabled() => {
            app.sessions.verify_token(Some(&token), &Reads::default()).await.ok()
        }
        _ => None,
    };
    count(app, parts, user.as_ref().map(|identified| &identified.user))
}

/// The middleware of public routes. It counts the request before the handler runs, and refuses a request that a
/// browser sends from a page of another origin. Otherwise a page could sign its visitor in as the user of an attacker.
pub(super) async fn before_public(
    State((app, refuse)): State<(App, Refuse)>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let counted = count_unauthenticated(&app, &parts).await;
    match counted.and_then(|()| require_same_origin(&app, &parts)) {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(error) => refuse(error),
    }
}

/// Does not check pages: their handlers show the error in the form.
fn require_same_origin(app: &App, parts: &Parts) -> Result<(), ApiError> {
    let is_cross_origin =
        is_of_the_api(parts.uri.path()) && csrf::is_cross_origin(&parts.method, &parts.headers, &app.config);
    if is_cross_origin { Err(ApiError::cross_site()) } else { Ok(()) }
}

/// Sets the rate-limit headers of an answer.
pub(super) fn set_rate_limit_headers(headers: &mut HeaderMap, verdict: Verdict) {
    headers.insert(LIMIT, HeaderValue::from(verdict.limit));
    headers.insert(REMAINING, HeaderValue::from(verdict.remaining));
    headers.insert(RESET, HeaderValue::from(verdict.resets_at));
    if let Some(seconds) = verdict.retry_after_seconds {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

fn is_of_the_api(path: &str) -> bool {
    path.strip_prefix(BASE).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether the header holds a value that Go's `strconv.ParseBool` reads as true.
fn asks_to_bypass(headers: &HeaderMap) -> bool {
    let value = headers.get(BYPASS).and_then(|value| value.to_str().ok()).unwrap_or_default();
    matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True")
}
