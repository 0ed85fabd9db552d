//! Pages for browsers: a new password after a forgotten one, and the token of `coder login`. They load no resources,
//! run no scripts, read no cookies and are not cached. They call the same use cases as the API.
//!
//! Their forms need no CSRF token, because no session is involved: a page of another site that sends a form can do only
//! what its author can do without the visitor. `cli_auth` handles its own case.

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

/// Allows that one style, and forms to this site. Nothing else.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// A mistake in a form.
struct Problem {
    /// The id of the field; empty for the form as a whole.
    field: &'static str,
    /// A sentence that does not repeat the input.
    text: String,
}

/// The mistakes in a form.
#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn note(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.push(Problem { field, text: text.into() });
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text of the mistake in a field; empty if there is none.
    fn of(&self, field: &str) -> &str {
        self.0.iter().find(|problem| problem.field == field).map_or("", |problem| &problem.text)
    }

    /// 400 if there is a mistake, otherwise 200.
    fn status(&self) -> StatusCode {
        if self.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST }
    }
}

/// A page with a text and without a form.
#[derive(Template)]
#[template(path = "pages/notice.html")]
struct Notice<'a> {
    title: &'a str,
    text: &'a str,
    /// A command for a terminal; may be empty.
    command: &'a str,
}

/// An error of the API as a page, with the same status and text.
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
        // Keeps the status, the headers and the cause of the error.
        in_html(self.0.into_response(), &notice)
    }
}

/// Renders an error that occurs before the handler of a page.
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
    // The URL of a page may hold a passcode, and so may the page.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
