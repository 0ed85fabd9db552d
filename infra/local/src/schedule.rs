//! Schedules: each runs at its rate, and `POST /dev/schedule/{function}` runs one immediately with the event that
//! EventBridge would send. Only clients on this machine may do that.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat};
use http::header::{ALLOW, CONTENT_TYPE, HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use roster::app::App;
use roster::clock::{Clock, SystemClock};
use serde_json::{Value, json};

use crate::functions;
use crate::gateway::refusal;

/// Paths under this prefix are for developers and not part of the API.
const PREFIX: &str = "/dev/schedule/";

/// The function that a path names; `None` for a path outside this module.
pub(crate) fn named_function(path: &str) -> Option<&str> {
    path.strip_prefix(PREFIX)
}

/// Answers `POST /dev/schedule/{function}` with the report of the run.
pub(crate) async fn answer(app: &App, function: &str, request: &Request<Bytes>, peer: SocketAddr) -> Response<Bytes> {
    if !peer.ip().is_loopback() || !is_local(request.headers()) {
        return refusal(StatusCode::FORBIDDEN, "only this machine may run a schedule");
    }
    if request.method() != Method::POST {
        let mut response = refusal(StatusCode::METHOD_NOT_ALLOWED, "a schedule is run with POST");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    match functions::run_scheduled(function, app, event(function)).await {
        None => refusal(StatusCode::NOT_FOUND, "no function of that name has a schedule"),
        Some(Ok(report)) => {
            let mut response = Response::new(Bytes::from(report.to_string()));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Some(Err(error)) => {
            tracing::error!(function, %error, "a scheduled function failed");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "the function failed; its error is in the log")
        }
    }
}

/// Runs a function as its schedule does and logs the report.
pub(crate) async fn run(app: &App, function: &str) {
    match functions::run_scheduled(function, app, event(function)).await {
        None => {}
        Some(Ok(report)) => tracing::info!(function, %report, "a scheduled function ran"),
        Some(Err(error)) => tracing::error!(function, %error, "a scheduled function failed"),
    }
}

/// The event that EventBridge Scheduler sends for a schedule without an input.
fn event(function: &str) -> Value {
    let now = DateTime::from_timestamp_micros(SystemClock.now().micros()).unwrap_or_default();
    json!({
        "version": "0",
        "id": "00000000-0000-0000-0000-000000000000",
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": "000000000000",
        "time": now.to_rfc3339_opts(SecondsFormat::Secs, true),
        "region": "local",
        "resources": [format!("arn:aws:scheduler:local:000000000000:schedule/default/{function}")],
        "detail": "{}",
    })
}

/// A page of another site can also reach a loopback address. Its `Host` or `Origin` header shows that.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
    host.is_some_and(|host| is_loopback_name(host.host())) && !headers.contains_key(ORIGIN)
}

fn is_loopback_name(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::{HOST, ORIGIN};

    use super::{event, is_local, named_function};

    fn headers(host: &str) -> HeaderMap {
        HeaderMap::from_iter([(HOST, host.parse().unwrap())])
    }

    #[test]
    fn only_a_loopback_name_without_an_origin_is_local() {
        for host in ["127.0.0.1:3000", "localhost", "LOCALHOST:3000", "[::1]:3000", "127.1.2.3"] {
            assert!(is_local(&headers(host)), "{host}");
        }
        for host in ["roster.example.com", "127.0.0.1.example.com:3000", "10.0.0.1", "localhost.example.com", ""] {
            assert!(!is_local(&headers(host)), "{host}");
        }
        assert!(!is_local(&HeaderMap::new()));
        let mut page = headers("localhost:3000");
        page.insert(ORIGIN, "http://localhost:3000".parse().unwrap());
        assert!(!is_local(&page));
    }

    #[test]
    fn the_event_has_the_form_of_the_recorded_one() {
        let recorded: serde_json::Value = serde_json::from_str(include_str!("../../events/dormancy.json")).unwrap();
        let played = event("dormancy");
        let shape = |value: &serde_json::Value| {
            let fields = value.as_object().unwrap().iter();
            fields.map(|(name, value)| (name.clone(), std::mem::discriminant(value))).collect::<Vec<_>>()
        };
        assert_eq!(shape(&played), shape(&recorded));
        assert_eq!(played["time"].as_str().unwrap().len(), "2026-01-05T03:00:00Z".len());
    }

    #[test]
    fn only_paths_under_the_prefix_are_served() {
        assert_eq!(named_function("/dev/schedule/dormancy"), Some("dormancy"));
        assert_eq!(named_function("/api/v2/users"), None);
    }
}
