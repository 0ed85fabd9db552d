//! Pages for browsers, so that the link of a forgot-password mail leads somewhere. They load nothing, run nothing, look at
//! no cookie and are kept nowhere. What they do is what the API does, by the same use cases.
//!
//! A form needs no token against forgery: nobody is signed in here, so that a page of somebody else that sends one does
//! no more than its author can do himself. `cli_auth` says what it does about its own case.

pub(crate) mod change;
pub(crate) mod cli_auth;
pub(crate) mod request;

use std::sync::LazyLock;

use askama::Template;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};
use roster::http::ApiError;
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("../templates/pages/style.css");

/// Nothing but that one style, and forms that come back here.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// Something to correct in a form.
struct Problem {
    /// The id of its field; empty when it is about no single one.
    field: &'static str,
    /// In a sentence; never with what was entered.
    text: String,
}

/// Everything to correct in a form.
#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn note(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.push(Problem { field, text: text.into() });
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with a field; empty for nothing.
    fn of(&self, field: &str) -> &str {
        self.0.iter().find(|problem| problem.field == field).map_or("", |problem| &problem.text)
    }

    /// 400 when there is something to correct.
    fn status(&self) -> StatusCode {
        if self.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST }
    }
}

/// A page that says something and asks nothing.
#[derive(Template)]
#[template(path = "pages/notice.html")]
struct Notice<'a> {
    title: &'a str,
    text: &'a str,
    /// To be typed at a terminal; may be empty.
    command: &'a str,
}

/// A request that cannot be carried out, in the words and with the status of the API.
pub(crate) struct Failure(ApiError);

impl<E: Into<ApiError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let text = self.0.message().to_owned();
        let notice = Notice { title: "That did not work", text: &text, command: "" };
        // The refusal's own status, headers and cause, with another body.
        in_html(self.0.into_response(), &notice)
    }
}

/// A refusal that comes before the handler of a page.
pub(crate) fn refused(error: ApiError) -> Response {
    Failure(error).into_response()
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    in_html(status.into_response(), template)
}

fn in_html(mut response: Response, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => *response.body_mut() = Body::from(html),
        Err(error) => return ApiError::internal(error).into_response(),
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    // The address of a page may hold a passcode, and so may the page.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
