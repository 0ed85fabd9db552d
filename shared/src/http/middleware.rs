//! The middleware around every request: it normalizes the path, refuses forged requests, sets headers, keeps the answer
//! below the size limit, and writes one log line.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    ACCESS_CONTROL_REQUEST_METHOD, ALLOW, CONTENT_TYPE, VARY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::context::RequestContext;
use super::cookies::Cookies;
use super::csrf::CsrfError;
use super::error::{Cause, Challenge};
use super::route::Route;
use super::{client, csrf, limits, path, router, size};
use crate::api::deployment::BUILD_VERSION;
use crate::app::App;
use crate::config::Config;
use crate::storage::dynamodb::cost::{CostTotals, RequestCost};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-coder-request-id");
const BUILD_VERSION_HEADER: HeaderName = HeaderName::from_static("x-coder-build-version");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// The HTTP service of a function: its routes and the middleware around them. Lambda and local mode call it.
pub fn service(routes: &[Route], app: App) -> Router {
    let inner = router::router(routes, app.clone());
    // Around the router, because the middleware changes the path that the router reads.
    let exempt = routes.iter().filter(|route| route.is_csrf_exempt);
    let exempt = exempt.map(|route| (route.method.clone(), route.full_path())).collect();
    Router::new().fallback_service(inner).layer(from_fn_with_state((app, exempt), middleware))
}

/// The methods and complete paths at which a session cookie needs no CSRF token.
type CsrfExempt = Arc<[(Method, String)]>;

async fn middleware(State((app, exempt)): State<(App, CsrfExempt)>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let context = RequestContext::new(client::origin(&request, app.new_request_id()));
    request.extensions_mut().insert(context.clone());
    let (enclosing, cost) = (RequestCost::current(), RequestCost::default());
    let method = request.method().clone();
    let path = path::without_tokens(request.uri().path());
    let has_csrf_cookie = csrf::cookie_token(request.headers()).is_some();
    let has_unprefixed_cookie = Cookies::of(&app.config).has_unprefixed_session(request.headers());
    path::normalize(&mut request);
    hide_head(&mut request);
    // The interceptor of the SDK finds the cost in a task-local: the SDK passes nothing else through to it.
    let answer = cost.scope(async {
        match csrf::check(&request, &app.config, &exempt) {
            Ok(()) => answer(&app, &method, &context, request, next).await,
            Err(error) => forged(error),
        }
    });
    // On the heap: the state of the handler would make the future of every caller huge.
    let mut response = Box::pin(answer).await;
    let cost = cost.read();
    let cause: Option<Cause> = response.extensions_mut().remove();
    if let Some(cause) = &cause {
        cause.complete(&mut response, context.id());
    }
    challenge(&mut response, &app.config);
    set_headers(response.headers_mut(), &app, &context, &cost);
    set_cookies(response.headers_mut(), &app, !has_csrf_cookie, has_unprefixed_cookie);
    log(&method, &path, &context, response.status(), cause.as_ref(), &cost, started);
    if let Some(enclosing) = enclosing {
        enclosing.add(cost);
    }
    response
}

/// Sets the headers of every answer. Each name has one line, because an answer of the gateway cannot carry a second
/// one.
fn set_headers(headers: &mut HeaderMap, app: &App, context: &RequestContext, cost: &CostTotals) {
    headers.entry(VARY).or_insert(HeaderValue::from_static("Origin, Cookie"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(BUILD_VERSION_HEADER, HeaderValue::from_static(BUILD_VERSION));
    headers.extend(HeaderValue::try_from(context.id().to_string()).map(|id| (REQUEST_ID, id)));
    if let Some(verdict) = context.verdict() {
        limits::set_rate_limit_headers(headers, verdict);
    }
    if app.config.local {
        headers.extend(HeaderValue::try_from(server_timing(cost)).map(|timing| (SERVER_TIMING, timing)));
    }
}

/// Sets a CSRF cookie for a browser that has none, and deletes the session cookie that host-prefix mode has replaced.
fn set_cookies(headers: &mut HeaderMap, app: &App, needs_csrf_cookie: bool, has_unprefixed_cookie: bool) {
    if needs_csrf_cookie {
        let token = STANDARD.encode(app.random_bytes::<{ csrf::TOKEN_LENGTH }>());
        Cookies::of(&app.config).csrf(token).append_to(headers);
    }
    if has_unprefixed_cookie {
        Cookies::of(&app.config).end_unprefixed_session().append_to(headers);
    }
}

/// Refuses a request that may be forged.
fn forged(error: CsrfError) -> Response {
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    (StatusCode::BAD_REQUEST, [(CONTENT_TYPE, text)], error.to_string()).into_response()
}

/// Answers a request, or refuses it before its route is called.
async fn answer(app: &App, method: &Method, context: &RequestContext, request: Request, next: Next) -> Response {
    if *method == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        return preflight();
    }
    if !METHODS.contains(method) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let accepts_gzip = size::accepts_gzip(request.headers());
    let is_page = path::below_api(&request).is_none();
    let mut response = next.run(request).await;
    let status = response.status();
    let refused = status.is_client_error() || status.is_server_error();
    let refusal = response.extensions_mut().remove().or_else(|| context.refusal().filter(|_| refused));
    if let Some(refusal) = refusal {
        app.audit.put_refusal(refusal, status.as_u16()).await;
    }
    correct_allow(&mut response, is_page);
    size::fit(response, accepts_gzip).await
}

/// Turns HEAD into TRACE for the API. axum would answer HEAD like GET, which only pages do; no route answers TRACE, so
/// the request gets the answer of a wrong method (docs/api/conventions.md#wrong-methods).
fn hide_head(request: &mut Request) {
    if request.method() == Method::HEAD && path::below_api(request).is_some() {
        *request.method_mut() = Method::TRACE;
    }
}

/// Answers a CORS preflight with 200 and no permission, because no origin is allowed.
fn preflight() -> Response {
    let vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Cookie";
    (StatusCode::OK, [(VARY, HeaderValue::from_static(vary))]).into_response()
}

/// The methods of HTTP. Any other method is wrong for every path, known or not (docs/api/conventions.md#wrong-methods).
const METHODS: [Method; 9] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::CONNECT,
    Method::OPTIONS,
    Method::TRACE,
];

/// Keeps `Allow` only on a 405, and removes HEAD from it, which the API does not answer.
fn correct_allow(response: &mut Response, is_page: bool) {
    let Some(allow) = response.headers_mut().remove(ALLOW) else { return };
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return;
    }
    let methods = allow.to_str().unwrap_or_default().split(',').filter(|method| is_page || *method != "HEAD");
    let methods = methods.collect::<Vec<_>>().join(", ");
    response.headers_mut().extend(HeaderValue::try_from(methods).map(|methods| (ALLOW, methods)));
}

/// Sets `WWW-Authenticate` on an answer to a request that failed to authenticate.
fn challenge(response: &mut Response, config: &Config) {
    let Some(Challenge { code, description }) = response.extensions_mut().remove() else { return };
    let description: String = description.chars().filter(|letter| !matches!(letter, '"' | '\\')).collect();
    let value = format!(
        "Bearer realm=\"coder\", error=\"{code}\", error_description=\"{description}\", \
         resource_metadata=\"{}/.well-known/oauth-protected-resource\"",
        config.access_url
    );
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
}

fn server_timing(cost: &CostTotals) -> String {
    format!(
        "dynamodb;desc=\"trips={} calls={} rcu={:.1} wcu={:.1}\"",
        cost.sequential, cost.calls, cost.read_units, cost.write_units
    )
}

/// Writes one log line for the request. It leaves the query out, which may hold a token.
fn log(
    method: &Method,
    path: &str,
    context: &RequestContext,
    status: StatusCode,
    cause: Option<&Cause>,
    cost: &CostTotals,
    started: Instant,
) {
    let status = status.as_u16();
    let request_id = context.id();
    let caller = context.caller().map(|caller| caller.to_string()).unwrap_or_default();
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    let took = format_args!("{milliseconds:.1}");
    let (calls, trips) = (cost.calls, cost.sequential);
    if let Some(error) = cause.map(Cause::chain) {
        tracing::error!(%method, path, status, ms = took, trips, calls, caller, %request_id, error);
    } else {
        tracing::info!(%method, path, status, ms = took, trips, calls, caller, %request_id);
    }
}
