//! What happens around every request: paths are normalized, forged requests refused, headers added, answers kept to
//! the size that can leave, one log line written.

use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    ACCESS_CONTROL_REQUEST_METHOD, ALLOW, CONTENT_TYPE, SET_COOKIE, VARY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use lambda_http::RequestExt;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use uuid::Uuid;

use super::context::{self, RequestState};
use super::error::{Cause, Challenge, chain};
use super::routes::Routes;
use super::{client, cookies, csrf, limits, size};
use crate::api::deployment::BUILD_VERSION;
use crate::app::App;
use crate::auth::token::Token;
use crate::config::Config;
use crate::domain::audit::AuditRow;
use crate::storage::dynamodb::cost::{CostTotals, RequestCost};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-coder-request-id");
const BUILD_VERSION_HEADER: HeaderName = HeaderName::from_static("x-coder-build-version");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// A function's routes as the finished service that Lambda, or local mode, drives.
pub fn service(routes: Routes, app: App) -> Router {
    let inner = routes.into_router(app.clone());
    // Around the router and not inside it, since it may change the path that the router looks at.
    Router::new().fallback_service(inner).layer(from_fn_with_state(app, middleware))
}

async fn middleware(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = app.new_request_id();
    let state = RequestState::new(id);
    let (enclosing, trips) = (RequestCost::current(), RequestCost::default());
    let method = request.method().clone();
    let path = without_tokens(request.uri().path());
    let has_csrf_cookie = csrf::cookie_token(request.headers()).is_some();
    let drops_cookie = cookies::has_unprefixed(request.headers(), &app.config);
    normalize_path(&mut request);
    hide_head(&mut request);
    let answer = state.scope(trips.scope(answer(&app, &method, request, next)));
    // On the heap: the handler's state would make the future of every caller huge.
    let mut response = Box::pin(answer).await;
    let headers = response.headers_mut();
    // One line a name: the gateway's answers know no second one.
    headers.entry(VARY).or_insert(HeaderValue::from_static("Origin, Cookie"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(BUILD_VERSION_HEADER, HeaderValue::from_static(BUILD_VERSION));
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    if !has_csrf_cookie {
        let token = STANDARD.encode(app.random_bytes::<{ csrf::TOKEN_LENGTH }>());
        headers.extend(cookies::csrf_cookie(token, &app.config).map(|cookie| (SET_COOKIE, cookie)));
    }
    if drops_cookie {
        headers.extend(cookies::clear_unprefixed_cookie(&app.config).map(|cookie| (SET_COOKIE, cookie)));
    }
    challenge(&mut response, &app.config);
    if let Some(verdict) = state.verdict() {
        limits::set_rate_limit_headers(response.headers_mut(), verdict);
    }
    let trips = trips.read();
    if app.config.local
        && let Ok(timing) = HeaderValue::try_from(server_timing(&trips))
    {
        response.headers_mut().insert(SERVER_TIMING, timing);
    }
    log(&method, &path, &state, id, &response, &trips, started);
    if let Some(enclosing) = enclosing {
        enclosing.add(trips);
    }
    response
}

/// Everything that a request's own state must be in reach for.
async fn answer(app: &App, method: &Method, request: Request, next: Next) -> Response {
    if let Err(error) = csrf::check(&request, &app.config) {
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        return (StatusCode::BAD_REQUEST, [(CONTENT_TYPE, text)], error.to_string()).into_response();
    }
    if *method == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        return preflight();
    }
    if !METHODS.contains(method) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let accepts_gzip = size::accepts_gzip(request.headers());
    let is_page = client::api_path(&request).is_none();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    if let Some(row) = context::refusal().filter(|_| status >= 400) {
        app.audit.put(AuditRow { status, ..row }).await;
    }
    correct_allow(&mut response, is_page);
    size::fit(response, accepts_gzip).await
}

/// What a path of a URI cannot hold. A percent sign stays: it begins an escape that no gateway has decoded.
const NOT_IN_A_PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'\\').add(b'`').add(b'{').add(b'}');

/// Hides HEAD from the API's routes, which would answer it like GET, as those of pages do. No route answers TRACE, so
/// HEAD meets the answer of a wrong method (docs/api/conventions.md#wrong-methods).
fn hide_head(request: &mut Request) {
    if request.method() == Method::HEAD && client::api_path(request).is_some() {
        *request.method_mut() = Method::TRACE;
    }
}

/// Takes the path as the gateway handed it on, and collapses runs of slashes. The adapter reads a decoded path as if it
/// were a URL, where a question mark begins the query, a backslash is a slash, and blanks and controls vanish: another
/// path than the one asked for.
fn normalize_path(request: &mut Request) {
    let raw = request.raw_http_path();
    let path = if raw.is_empty() { request.uri().path() } else { raw };
    let mut normalized = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter != '/' || !normalized.ends_with('/') {
            normalized.push(letter);
        }
    }
    let mut normalized = utf8_percent_encode(&normalized, NOT_IN_A_PATH).to_string();
    if normalized == request.uri().path() {
        return;
    }
    let marks_in_path = raw.matches('?').count();
    let query = request.uri().query().and_then(|query| query.splitn(marks_in_path + 1, '?').nth(marks_in_path));
    if let Some(query) = query {
        normalized.push('?');
        normalized.push_str(query);
    }
    let mut parts = request.uri().clone().into_parts();
    if let Ok(normalized) = PathAndQuery::try_from(normalized) {
        parts.path_and_query = Some(normalized);
    }
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}

/// No origin is allowed: a preflight gets an empty yes without any permission.
fn preflight() -> Response {
    let vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Cookie";
    (StatusCode::OK, [(VARY, HeaderValue::from_static(vary))]).into_response()
}

/// The methods of HTTP; no path has another one, known or not (docs/api/conventions.md#wrong-methods).
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

/// `Allow` belongs to 405 alone, and does not list the HEAD that the API does not answer.
fn correct_allow(response: &mut Response, is_page: bool) {
    let Some(allow) = response.headers_mut().remove(ALLOW) else { return };
    if response.status() != StatusCode::METHOD_NOT_ALLOWED {
        return;
    }
    let methods = allow.to_str().unwrap_or_default().split(',').filter(|method| is_page || *method != "HEAD");
    let methods = methods.collect::<Vec<_>>().join(", ");
    response.headers_mut().extend(HeaderValue::try_from(methods).map(|methods| (ALLOW, methods)));
}

/// Tells a client that failed to authenticate how it might.
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

fn server_timing(trips: &CostTotals) -> String {
    format!(
        "dynamodb;desc=\"trips={} calls={} rcu={:.1} wcu={:.1}\"",
        trips.sequential, trips.calls, trips.read_units, trips.write_units
    )
}

/// A path as it may be written down. The CLI asks for a key by the whole of its token first
/// (docs/api/clients.md#cli-commands).
fn without_tokens(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let plain = percent_decode_str(segment).decode_utf8_lossy();
        match Token::parse(&plain) {
            Ok(token) => format!("{}-…", token.key_id),
            Err(_) => segment.to_owned(),
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// One line a request. The query is left out: it may hold a token.
fn log(
    method: &Method,
    path: &str,
    state: &RequestState,
    id: Uuid,
    response: &Response,
    trips: &CostTotals,
    started: Instant,
) {
    let status = response.status().as_u16();
    let caller = state.caller().map(|caller| caller.to_string()).unwrap_or_default();
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    let took = format_args!("{milliseconds:.1}");
    let (calls, trips) = (trips.calls, trips.sequential);
    if let Some(Cause(cause)) = response.extensions().get() {
        let error = chain(cause.as_ref());
        tracing::error!(%method, path, status, ms = took, trips, calls, caller, request_id = %id, error);
    } else {
        tracing::info!(%method, path, status, ms = took, trips, calls, caller, request_id = %id);
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;
    use lambda_http::RequestExt;

    use super::normalize_path;

    #[test]
    #[expect(clippy::unwrap_used, reason = "a test may fail")]
    fn runs_of_slashes_become_one_and_the_query_is_left_alone() {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = "/api//v2///users?q=a//b".parse().unwrap();
        normalize_path(&mut request);
        assert_eq!(request.uri().to_string(), "/api/v2/users?q=a//b");
    }

    /// What the router sees of a path that the gateway decoded, beside the URI that the adapter made of it.
    #[expect(clippy::unwrap_used, reason = "a test may fail")]
    fn normalized(raw: &str, uri: &str) -> String {
        let mut request = Request::new(Body::empty()).with_raw_http_path(raw);
        *request.uri_mut() = uri.parse().unwrap();
        normalize_path(&mut request);
        request.uri().to_string()
    }

    #[test]
    fn letters_that_mean_something_in_a_url_are_letters_of_the_path() {
        assert_eq!(normalized("/users/a?b", "/users/a?b?q=1?2"), "/users/a%3Fb?q=1?2");
        assert_eq!(normalized("/users/a?b", "/users/a?b"), "/users/a%3Fb");
        assert_eq!(normalized("/users/a\\b", "/users/a/b?q=1"), "/users/a%5Cb?q=1");
        assert_eq!(normalized("/users/a\0 ", "/users/a"), "/users/a%00%20");
        assert_eq!(normalized("/users/..", "/"), "/users/..");
        assert_eq!(normalized("/users/ü", "/users/%C3%BC"), "/users/%C3%BC");
    }

    #[test]
    fn a_path_that_nobody_decoded_stays_as_it_is() {
        assert_eq!(normalized("/users/a%20b", "/users/a%20b?q=%20"), "/users/a%20b?q=%20");
    }
}
