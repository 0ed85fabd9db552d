//! An answer of the API, and what the request cost.

use bytes::Bytes;
use http::header::HeaderMap;
use http::{Response, StatusCode};
use serde_json::Value;

/// An answer of the API.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The request: the method, the URI and, below them, the body.
    pub request: String,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

/// What a request cost, from `Server-Timing`.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Cost {
    /// Sequential round trips to the database.
    pub trips: u32,
    /// Calls, retries included.
    pub calls: u32,
    /// Read capacity units.
    pub read_units: f64,
    /// Write capacity units.
    pub write_units: f64,
}

impl Answer {
    /// The answer to a request.
    pub fn new(request: String, response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        let text = String::from_utf8_lossy(&body).into_owned();
        Self { request, status: parts.status, headers: parts.headers, text }
    }

    /// Asserts the status and returns the answer.
    ///
    /// # Panics
    ///
    /// When the status differs, with the body.
    #[track_caller]
    #[expect(
        clippy::must_use_candidate,
        clippy::return_self_not_must_use,
        reason = "often the status is all that matters"
    )]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When the body is not JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON: {error}: {:?}", self.text))
    }

    /// A text of the body by its JSON pointer.
    ///
    /// # Panics
    ///
    /// When the body has no text there: an assertion that the text differs from another one must not pass because
    /// there is none.
    #[track_caller]
    pub fn text_at(&self, pointer: &str) -> String {
        let text = self.json().pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        text.unwrap_or_else(|| panic!("no text at {pointer}: {} {}", self.status, self.text))
    }

    /// A text of the body by its JSON pointer; `None` when the body is not JSON or has no text there.
    pub fn text_at_or_missing(&self, pointer: &str) -> Option<String> {
        let body: Value = serde_json::from_str(&self.text).ok()?;
        body.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
    }

    /// A time of the body by its JSON pointer, in microseconds since the Unix epoch.
    ///
    /// # Panics
    ///
    /// When the body has no time there.
    #[track_caller]
    pub fn micros_at(&self, pointer: &str) -> i64 {
        let time = chrono::DateTime::parse_from_rfc3339(&self.text_at(pointer));
        time.unwrap_or_else(|error| panic!("no time at {pointer}: {error}: {}", self.text)).timestamp_micros()
    }

    /// The fields that `validations` names, in order; none when the body is empty or has no `validations`.
    ///
    /// # Panics
    ///
    /// When an entry names no field.
    #[track_caller]
    pub fn invalid_fields(&self) -> Vec<String> {
        let body = if self.text.is_empty() { Value::Null } else { self.json() };
        let validations = body["validations"].as_array().cloned().unwrap_or_default();
        let field = |entry: &Value| entry["field"].as_str().map(str::to_owned);
        validations.iter().map(|entry| field(entry).unwrap_or_else(|| panic!("no field: {}", self.text))).collect()
    }

    /// A header as text; empty when there is none.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// Every `Set-Cookie` header for a cookie name.
    pub fn set_cookies(&self, name: &str) -> Vec<String> {
        let cookies = self.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        let prefix = format!("{name}=");
        cookies.filter(|cookie| cookie.starts_with(&prefix)).map(str::to_owned).collect()
    }

    /// What the request cost.
    ///
    /// # Panics
    ///
    /// When the answer lacks a cost.
    pub fn cost(&self) -> Cost {
        let timing = self.header("server-timing");
        let number = |name: &str| {
            let rest = timing.split_once(&format!("{name}=")).map(|(_, rest)| rest);
            let digits = rest.and_then(|rest| rest.split([' ', '"']).next());
            digits.and_then(|digits| digits.parse::<f64>().ok()).unwrap_or_else(|| panic!("no {name} in {timing:?}"))
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small counts")]
        let count = |name: &str| number(name) as u32;
        Cost { trips: count("trips"), calls: count("calls"), read_units: number("rcu"), write_units: number("wcu") }
    }
}
