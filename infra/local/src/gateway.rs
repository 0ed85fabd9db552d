//! The HTTP API in this process. A request takes its route, becomes the event that API Gateway would send, and runs
//! through `lambda_http` into the router of the function; its answer returns the same way. So it differs from a plain
//! HTTP server in the same points as Lambda.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::uri::Authority;
use http::{HeaderValue, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use roster::app::App;
use roster::http::DOCUMENT_LIMIT_BYTES;

use crate::event;
use crate::functions;
use crate::invoke::{InvokeError, invoke};
use crate::routing::RouteMap;

/// Every function with routes of the API.
#[derive(Clone, Debug)]
pub struct Gateway {
    routes: RouteMap,
    functions: HashMap<String, Router>,
    app: Option<App>,
}

/// The longest run of deferred tasks: about the rest of the timeout of a function.
const AFTER_AN_ANSWER: Duration = Duration::from_secs(18);

impl Gateway {
    /// The functions of the API, over one application.
    ///
    /// # Errors
    ///
    /// When two routes have the same method and path.
    pub fn new(app: App) -> Result<Self, matchit::InsertError> {
        let served = functions::groups().into_iter().filter_map(|group| {
            let routes = functions::routes(group.name)?;
            Some((group.name.to_owned(), roster::http::service(&routes, app.clone())))
        });
        let functions = served.collect();
        Ok(Self { app: Some(app), ..Self::over(RouteMap::of_deployment()?, functions) })
    }

    /// A gateway with the given routes and routers.
    pub(crate) fn over(routes: RouteMap, functions: HashMap<String, Router>) -> Self {
        Self { routes, functions, app: None }
    }

    /// Runs the deferred tasks of the functions. Call it after the answer was sent: a function runs them before it asks
    /// for its next event.
    pub async fn drain(&self) {
        if let Some(app) = &self.app {
            app.deferred.drain(AFTER_AN_ANSWER).await;
        }
    }

    /// Answers a request of the client at `peer`.
    pub async fn handle(&self, request: Request<Bytes>, peer: SocketAddr) -> Response<Bytes> {
        if !names_a_host(&request) {
            return refusal(StatusCode::BAD_REQUEST, "Bad Request");
        }
        let path = decoded_path(&request);
        let route = self.routes.resolve(request.method(), &path);
        let Some(function) = self.functions.get(route.function) else {
            tracing::error!(function = route.function, "a route names an unknown function");
            return refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
        };
        let name = route.function;
        let event = event::from_request(&request, &path, route, peer.ip());
        let document = match serde_json::to_vec(&event) {
            Ok(document) if document.len() <= DOCUMENT_LIMIT_BYTES => document,
            Ok(_) => return refusal(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Err(error) => return failed(name, &InvokeError::from(error)),
        };
        match invoke(function.clone(), &document).await {
            Ok(response) => response,
            Err(error) => failed(name, &error),
        }
    }
}

fn failed(function: &str, error: &InvokeError) -> Response<Bytes> {
    tracing::error!(function, error = error as &dyn std::error::Error, "a function failed");
    refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

/// An answer of the gateway itself.
pub(crate) fn refusal(status: StatusCode, message: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(serde_json::json!({ "message": message }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The path as API Gateway passes it on. An event holds only UTF-8: other bytes become a replacement character, which
/// matches no name (docs/api/conventions.md#paths).
fn decoded_path(request: &Request<Bytes>) -> String {
    percent_decode_str(request.uri().path()).decode_utf8_lossy().into_owned()
}

/// API Gateway is reached by its host name, so a function never sees a request without a valid one.
fn names_a_host(request: &Request<Bytes>) -> bool {
    request.headers().get(HOST).is_none_or(|host| {
        // Only a valid port may follow the name, and nothing may precede it.
        let is_sound = |host: Authority| {
            host.as_str() == host.host()
                || host.port_u16().is_some_and(|port| host == *format!("{}:{port}", host.host()))
        };
        Authority::try_from(host.as_bytes()).is_ok_and(is_sound)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::io::Read;
    use std::net::SocketAddr;
    use std::sync::Arc;

    use crate::functions;
    use crate::routing::RouteMap;
    use axum::Router;
    use axum::body::Body;
    use axum::extract::Request as RouterRequest;
    use axum::response::IntoResponse;
    use axum::routing::any;
    use bytes::Bytes;
    use flate2::read::GzDecoder;
    use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HOST, SET_COOKIE, VARY};
    use http::{Request, Response, StatusCode};
    use http_body_util::BodyExt;
    use lambda_http::RequestExt;
    use lambda_http::request::RequestContext;
    use roster::app::App;
    use roster::clock::{Random, SystemClock};
    use roster::config::Config;
    use roster::http::{Payload, Route};
    use roster::storage::dynamodb::client;
    use serde_json::{Value, json};

    use super::{DOCUMENT_LIMIT_BYTES, Gateway};

    /// Answers with the request as a function sees it.
    async fn show(request: RouterRequest) -> impl IntoResponse {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let Some(RequestContext::ApiGatewayV2(context)) = parts.extensions.get::<RequestContext>() else {
            return "no event".to_owned();
        };
        let headers: HashMap<&str, &str> =
            parts.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        let parameters = parts.path_parameters();
        let parameters: HashMap<&str, &str> = parameters.iter().collect();
        let seen = json!({
            "method": parts.method.as_str(),
            "path": parts.uri.path(),
            "query": parts.uri.query(),
            "rawPath": parts.raw_http_path(),
            "headers": headers,
            "parameters": parameters,
            "body": body.to_vec(),
            "sourceIp": context.http.source_ip,
            "routeKey": context.route_key,
        });
        seen.to_string()
    }

    async fn cookies_and_bytes() -> impl IntoResponse {
        let mut response = Response::new(Body::from(vec![0_u8, 159, 255]));
        response.headers_mut().insert(CONTENT_TYPE, "application/octet-stream".parse().unwrap());
        for cookie in ["a=1; Path=/", "b=2; HttpOnly"] {
            response.headers_mut().append(SET_COOKIE, cookie.parse().unwrap());
        }
        for name in ["Origin", "Cookie"] {
            response.headers_mut().append(VARY, name.parse().unwrap());
        }
        *response.status_mut() = StatusCode::CREATED;
        response
    }

    fn gateway() -> Gateway {
        let routers = functions::groups().into_iter().map(|group| {
            let router = Router::new()
                .route("/api/v2/users/first", any(cookies_and_bytes))
                .route("/api/v2/buildinfo", any(async || vec![b'x'; DOCUMENT_LIMIT_BYTES]))
                .fallback(show);
            (group.name.to_owned(), router)
        });
        Gateway::over(RouteMap::of_deployment().unwrap(), routers.collect())
    }

    fn peer() -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 7], 4711))
    }

    fn get(uri: &str) -> Request<Bytes> {
        Request::builder().uri(uri).header(HOST, "127.0.0.1:3000").body(Bytes::new()).unwrap()
    }

    async fn seen(request: Request<Bytes>) -> Value {
        let response = gateway().handle(request, peer()).await;
        assert_eq!(response.status(), StatusCode::OK);
        serde_json::from_slice(response.body()).unwrap()
    }

    #[tokio::test]
    async fn the_gateway_decodes_a_path_once() {
        let seen = seen(get("/api/v2/users/bob%20x%C3%BC")).await;
        assert_eq!(seen["rawPath"], "/api/v2/users/bob xü");
        assert_eq!(seen["parameters"], json!({ "user": "bob xü" }));
        // `lambda_http` encodes what a URI cannot hold; the router decodes it again.
        assert_eq!(seen["path"], "/api/v2/users/bob%20x%C3%BC");
    }

    #[tokio::test]
    async fn an_encoded_slash_separates_segments() {
        let seen = seen(get("/api/v2/users/bob%2Froles")).await;
        assert_eq!(seen["routeKey"], "GET /api/v2/users/{user}/roles");
        assert_eq!(seen["path"], "/api/v2/users/bob/roles");
    }

    #[tokio::test]
    async fn bytes_that_are_not_utf8_become_a_character_that_no_name_has() {
        let seen = seen(get("/api/v2/users/a%FF")).await;
        assert_eq!(seen["routeKey"], "GET /api/v2/users/{user}");
        assert_eq!(seen["path"], "/api/v2/users/a%EF%BF%BD");
    }

    #[tokio::test]
    async fn the_gateway_refuses_a_request_without_a_valid_host() {
        for host in ["a b", "a:65536", "[::1]:x", "u@a", "u@a:80"] {
            let mut request = get("/api/v2/users");
            request.headers_mut().insert(HOST, host.parse().unwrap());
            assert_eq!(gateway().handle(request, peer()).await.status(), StatusCode::BAD_REQUEST, "{host}");
        }
        for host in ["roster.test", "[::1]:3000", "a:65535"] {
            let mut request = get("/api/v2/users");
            request.headers_mut().insert(HOST, host.parse().unwrap());
            assert_eq!(gateway().handle(request, peer()).await.status(), StatusCode::OK, "{host}");
        }
    }

    #[tokio::test]
    async fn a_path_with_repeated_slashes_takes_the_default_route_unchanged() {
        let seen = seen(get("/api//v2///users?q=a//b")).await;
        assert_eq!(seen["routeKey"], "$default");
        assert_eq!(seen["path"], "/api//v2///users");
        assert_eq!(seen["query"], "q=a//b");
    }

    #[tokio::test]
    async fn the_query_is_passed_on_unchanged() {
        let query = "q=a%20b&q=c+d&flag&plus=%2B";
        assert_eq!(seen(get(&format!("/api/v2/users?{query}"))).await["query"], query);
        assert_eq!(seen(get("/api/v2/users")).await["query"], Value::Null);
    }

    #[tokio::test]
    async fn cookies_of_several_header_lines_are_joined() {
        let mut request = get("/api/v2/users");
        for line in ["a=1; b=2", "c=3"] {
            request.headers_mut().append("cookie", line.parse().unwrap());
        }
        assert_eq!(seen(request).await["headers"]["cookie"], "a=1; b=2; c=3");
    }

    #[tokio::test]
    async fn header_lines_of_one_name_are_joined_by_commas() {
        let mut request = get("/api/v2/users");
        for line in ["one", "two"] {
            request.headers_mut().append("x-many", line.parse().unwrap());
        }
        assert_eq!(seen(request).await["headers"]["x-many"], "one,two");
    }

    #[tokio::test]
    async fn the_ip_address_is_that_of_the_connection_and_not_of_a_header() {
        let mut request = get("/api/v2/users");
        request.headers_mut().insert("x-forwarded-for", "203.0.113.9".parse().unwrap());
        request.headers_mut().insert("x-forwarded-proto", "gopher".parse().unwrap());
        let seen = seen(request).await;
        assert_eq!(seen["sourceIp"], "192.0.2.7");
        assert_eq!(seen["headers"]["x-forwarded-for"], "203.0.113.9, 192.0.2.7");
        assert_eq!(seen["headers"]["x-forwarded-proto"], "http");
    }

    #[tokio::test]
    async fn a_body_of_any_type_arrives_unchanged() {
        let bodies: [(&str, &[u8]); 4] = [
            ("application/json", "{\"ü\":1}".as_bytes()),
            ("application/json", &[0, 159, 255]),
            ("application/x-www-form-urlencoded", b"a=1&b=2"),
            ("", &[0, 159, 255]),
        ];
        for (kind, body) in bodies {
            let mut request = get("/api/v2/users");
            *request.method_mut() = http::Method::POST;
            *request.body_mut() = Bytes::from_static(body);
            request.headers_mut().insert(CONTENT_TYPE, kind.parse().unwrap());
            assert_eq!(seen(request).await["body"], json!(body), "{kind}");
        }
    }

    #[tokio::test]
    async fn cookies_status_and_binary_body_of_an_answer_are_returned() {
        let response = gateway().handle(get("/api/v2/users/first"), peer()).await;
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/octet-stream");
        let cookies: Vec<&str> =
            response.headers().get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap()).collect();
        assert_eq!(cookies, ["a=1; Path=/", "b=2; HttpOnly"]);
        assert_eq!(response.body(), &[0_u8, 159, 255][..]);
    }

    #[tokio::test]
    async fn a_repeated_header_of_an_answer_keeps_its_first_value_as_in_lambda() {
        let response = gateway().handle(get("/api/v2/users/first"), peer()).await;
        let varies: Vec<_> = response.headers().get_all(VARY).iter().collect();
        assert_eq!(varies, ["Origin"]);
    }

    #[tokio::test]
    async fn an_answer_larger_than_lambda_returns_is_an_error() {
        let response = gateway().handle(get("/api/v2/buildinfo"), peer()).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.body(), r#"{"message":"Internal Server Error"}"#);
    }

    /// A gateway to one route of the service, whose answer is a JSON text of `letters` characters.
    async fn gateway_to_a_text(letters: usize) -> Gateway {
        let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        let config = Config::from_lookup(&|name| (name == "ROSTER_ENCRYPTION_KEY").then(|| key.to_owned())).unwrap();
        // No server listens there; the route does not use the database.
        let client = client::connect(Some("http://127.0.0.1:9")).await;
        let app = App::new(config, client, Arc::new(SystemClock), Arc::new(Random::from_seed(1))).unwrap();
        let route = Route::get("list-users", "/users", async move || Payload("x".repeat(letters)));
        let function = roster::http::service(&[route], app);
        Gateway::over(RouteMap::of_deployment().unwrap(), HashMap::from([("users".to_owned(), function)]))
    }

    const SEVEN_MEGABYTES: usize = 7_000_000;

    #[tokio::test]
    async fn a_large_answer_is_compressed_for_clients_that_accept_gzip() {
        let mut request = get("/api/v2/users");
        request.headers_mut().insert(ACCEPT_ENCODING, "gzip, deflate".parse().unwrap());
        let response = gateway_to_a_text(SEVEN_MEGABYTES).await.handle(request, peer()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CONTENT_ENCODING], "gzip");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json; charset=utf-8");
        let varies: Vec<_> = response.headers().get_all(VARY).iter().collect();
        assert_eq!(varies, ["Origin", "Cookie", "Accept-Encoding"]);
        let mut text = String::new();
        GzDecoder::new(&**response.body()).read_to_string(&mut text).unwrap();
        assert!(text == format!("\"{}\"\n", "x".repeat(SEVEN_MEGABYTES)));
    }

    #[tokio::test]
    async fn a_large_answer_without_gzip_is_refused_by_the_service() {
        let response = gateway_to_a_text(SEVEN_MEGABYTES).await.handle(get("/api/v2/users"), peer()).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(response.headers().contains_key("x-coder-build-version"));
        let envelope: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(envelope["validations"][0]["field"], "limit");
    }

    #[tokio::test]
    async fn the_largest_answers_of_the_service_leave_room_for_their_headers() {
        for (spare_bytes, status) in [(17_000, StatusCode::OK), (16_000, StatusCode::BAD_REQUEST)] {
            let gateway = gateway_to_a_text(DOCUMENT_LIMIT_BYTES - spare_bytes).await;
            assert_eq!(gateway.handle(get("/api/v2/users"), peer()).await.status(), status, "{spare_bytes}");
        }
    }

    #[tokio::test]
    async fn a_request_larger_than_lambda_takes_is_refused() {
        let mut request = get("/api/v2/users");
        *request.body_mut() = Bytes::from(vec![b'x'; DOCUMENT_LIMIT_BYTES]);
        assert_eq!(gateway().handle(request, peer()).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
