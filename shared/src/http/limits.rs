//! Rate limits at the edge (docs/api/authentication.md#rate-limits): for whom a request counts, who need not be
//! counted, and what the answer says of it.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::RETRY_AFTER;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::client;
use super::context::RequestContext;
use super::deferred::defer;
use super::error::ApiError;
use super::routes::{BASE, Refuse, Route};
use crate::app::App;
use crate::domain::rate_limit::Verdict;
use crate::domain::user::User;
use crate::service::rate_limits::Requester;
use crate::service::session::Reads;

const BYPASS: &str = "x-coder-bypass-ratelimit";
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Counts a request for whoever made it: `user` when it carries a good token, else the address that the gateway saw. An
/// error is the answer, and nothing else may be done then.
pub(super) fn count(app: &App, parts: &Parts, user: Option<&User>) -> Result<(), ApiError> {
    let (path, route) = (parts.uri.path(), parts.extensions.get::<Route>());
    // Outside of the API, pages are counted, and nothing else is there.
    if !app.limits_requests() || !(is_of_the_api(path) || route.is_some()) {
        return Ok(());
    }
    let requester = match user {
        Some(user) if asks_to_bypass(&parts.headers) => {
            return if user.is_owner() { Ok(()) } else { Err(ApiError::bypass_refused()) };
        }
        Some(user) => Requester::User(user.id),
        None => Requester::at(client::address(&parts.extensions)),
    };
    let is_of_login_group = route.is_some_and(|route| route.is_of_login_group);
    let counted = app.count_request(&requester, path, is_of_login_group);
    let context = RequestContext::of(&parts.extensions);
    for report in counted.due {
        let reporter = app.clone();
        defer(app, &context, "report counted requests", async move { reporter.report_requests(report).await });
    }
    let Some(verdict) = counted.verdict else { return Ok(()) };
    context.report_verdict(verdict);
    if verdict.retry_after_seconds.is_some() { Err(ApiError::too_many_requests(verdict.limit)) } else { Ok(()) }
}

/// Counts a request that is answered without authentication. A token sent along is looked up, to know for whom it
/// counts; whatever is wrong with it is no matter (docs/api/authentication.md#public-routes).
pub(super) async fn count_unauthenticated(app: &App, parts: &Parts) -> Result<(), ApiError> {
    let user = match client::token(parts, &app.config) {
        Some(token) if app.limits_requests() => app.verify_token(Some(&token), &Reads::default()).await.ok(),
        _ => None,
    };
    count(app, parts, user.as_ref().map(|identified| &identified.user))
}

/// Goes before the handlers of public routes.
pub(super) async fn before_public(
    State((app, refuse)): State<(App, Refuse)>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    match count_unauthenticated(&app, &parts).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(error) => refuse(error),
    }
}

/// Says in an answer what its request's verdict was.
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

/// What Go's `strconv.ParseBool` takes for true.
fn asks_to_bypass(headers: &HeaderMap) -> bool {
    let value = headers.get(BYPASS).and_then(|value| value.to_str().ok()).unwrap_or_default();
    matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True")
}
