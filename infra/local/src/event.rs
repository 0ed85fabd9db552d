//! Conversion between HTTP and the events of API Gateway (payload 2.0), with the changes that the gateway makes to a
//! request and to the answer of a function.

use std::net::IpAddr;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, COOKIE, HOST, SET_COOKIE, USER_AGENT, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};

use crate::routing::RouteMatch;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Why the answer of a function is invalid.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnswerError {
    /// The status is not an HTTP status.
    #[error("{0} is not an HTTP status")]
    Status(i64),
    /// The body is declared as base64 and is not.
    #[error("the body is not base64")]
    Body(#[from] base64::DecodeError),
}

/// The event of a request: `path` is its percent-decoded path.
pub(crate) fn from_request(
    request: &Request<Bytes>,
    path: &str,
    route: RouteMatch<'_>,
    peer: IpAddr,
) -> ApiGatewayV2httpRequest {
    let (body, is_base64_encoded) = body_of(request);
    let text = |name: HeaderName| request.headers().get(name).map(readable);
    let mut event = ApiGatewayV2httpRequest::default();
    event.version = Some("2.0".to_owned());
    event.route_key = Some(route.route_key.to_owned());
    event.raw_path = Some(path.to_owned());
    event.raw_query_string = Some(request.uri().query().unwrap_or_default().to_owned());
    event.cookies = cookies(request.headers());
    event.headers = headers(request.headers(), peer);
    event.path_parameters = route.parameters;
    event.body = body;
    event.is_base64_encoded = is_base64_encoded;
    let context = &mut event.request_context;
    context.route_key = Some(route.route_key.to_owned());
    context.stage = Some("$default".to_owned());
    context.domain_name = text(HOST);
    context.http.method = request.method().clone();
    context.http.path = Some(path.to_owned());
    context.http.protocol = Some(format!("{:?}", request.version()));
    context.http.source_ip = Some(peer.to_string());
    context.http.user_agent = Some(text(USER_AGENT).unwrap_or_default());
    event
}

fn readable(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// Joins the values of each name by commas, as an event has them. Cookies are a separate field of the event, and the
/// gateway appends the IP address of the client to `X-Forwarded-For`.
fn headers(received: &HeaderMap, peer: IpAddr) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(received.keys_len());
    for name in received.keys().filter(|name| **name != COOKIE && **name != FORWARDED_FOR) {
        let values: Vec<String> = received.get_all(name).iter().map(readable).collect();
        // The result is always a valid value: joining and replacing invalid UTF-8 adds no control character.
        headers.extend(HeaderValue::try_from(values.join(",")).map(|value| (name.clone(), value)));
    }
    let earlier = received.get(FORWARDED_FOR).map(|value| readable(value) + ", ").unwrap_or_default();
    headers.extend(HeaderValue::try_from(format!("{earlier}{peer}")).map(|value| (FORWARDED_FOR, value)));
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static("http"));
    headers
}

fn cookies(headers: &HeaderMap) -> Option<Vec<String>> {
    let pairs = headers.get_all(COOKIE).iter().flat_map(|line| {
        let pairs = readable(line);
        pairs.split(';').map(|pair| pair.trim().to_owned()).filter(|pair| !pair.is_empty()).collect::<Vec<_>>()
    });
    let pairs: Vec<String> = pairs.collect();
    (!pairs.is_empty()).then_some(pairs)
}

/// Text stays text, other bodies become base64.
fn body_of(request: &Request<Bytes>) -> (Option<String>, bool) {
    let body = request.body();
    if body.is_empty() {
        return (None, false);
    }
    let kind = request.headers().get(CONTENT_TYPE).map(readable).unwrap_or_default().to_ascii_lowercase();
    let is_text = ["text/", "application/json", "application/javascript", "application/xml"];
    let is_text = is_text.iter().any(|prefix| kind.starts_with(prefix));
    match std::str::from_utf8(body) {
        Ok(text) if is_text => (Some(text.to_owned()), false),
        _ => (Some(STANDARD.encode(body)), true),
    }
}

/// Puts each element of a list into a header line of its own. The document of an answer holds one line for each name.
/// Both forms are the same list in HTTP, but some clients read lines.
fn separate_lines(headers: &mut HeaderMap, name: &HeaderName) {
    let Some(list) = headers.remove(name) else { return };
    for element in readable(&list).split(',') {
        headers.append(name, HeaderValue::from_str(element.trim()).unwrap_or_else(|_| list.clone()));
    }
}

/// Converts the answer of a function to a response.
pub(crate) fn into_response(answer: ApiGatewayV2httpResponse) -> Result<Response<Bytes>, AnswerError> {
    let status = u16::try_from(answer.status_code).ok().and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.ok_or(AnswerError::Status(answer.status_code))?;
    let body = match answer.body {
        Some(Body::Text(text)) if answer.is_base64_encoded => Bytes::from(STANDARD.decode(text)?),
        Some(Body::Text(text)) => Bytes::from(text),
        Some(Body::Binary(bytes)) => Bytes::from(bytes),
        _ => Bytes::new(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = answer.headers;
    for name in [VARY, ALLOW] {
        separate_lines(response.headers_mut(), &name);
    }
    for cookie in answer.cookies {
        // Always valid: each cookie comes from a header value.
        response.headers_mut().extend(HeaderValue::try_from(cookie).map(|cookie| (SET_COOKIE, cookie)));
    }
    Ok(response)
}
