//! Errors as answers: which status and which text each of them gets. The errors of use cases are mapped in `users` and
//! `sign_in`, by matches without a wildcard, so that a new variant does not compile before it has an answer.

mod sign_in;
mod users;

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use uuid::Uuid;

use super::encode::{MEDIA_TYPE, encode};
use crate::api::envelope::{Envelope, Validation};
use crate::api::fields::InvalidFields;
use crate::api::json::{JsonError, MAX_BODY_BYTES};
use crate::domain::names::excerpt;
use crate::domain::rate_limit::WINDOW_SECONDS;
use crate::search::SearchError;
use crate::search::filter::FilterError;
use crate::service::audit::{Audited, RefusalEntry};
use crate::storage::StorageError;

/// An error as an answer, in the envelope of the API (docs/api/conventions.md#error-envelope).
#[derive(Debug)]
pub struct ApiError(Box<Refusal>);

/// Boxed, so that a `Result` of a success stays small.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    message: Cow<'static, str>,
    detail: String,
    validations: Vec<Validation>,
    challenge: Option<Challenge>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
    /// What the middleware writes into the audit log.
    entry: Option<RefusalEntry>,
    /// Whether the message is sent without the envelope.
    is_plain_text: bool,
}

/// The parameters of `WWW-Authenticate`.
#[derive(Clone, Debug)]
pub(super) struct Challenge {
    /// The error code of the bearer scheme (RFC 6750).
    pub(super) code: &'static str,
    /// A sentence for a person.
    pub(super) description: String,
}

/// The cause of an internal error. The middleware logs it and completes the answer.
#[derive(Clone, Debug)]
pub(super) struct Cause {
    message: Cow<'static, str>,
    error: Arc<dyn Error + Send + Sync>,
}

impl Cause {
    /// The error and its causes, for the log.
    pub(super) fn chain(&self) -> String {
        chain(self.error.as_ref())
    }

    /// Names the request id in the answer. Pages keep their own body.
    pub(super) fn complete(&self, response: &mut Response, id: Uuid) {
        if response.headers().get(CONTENT_TYPE).is_none_or(|media_type| media_type != MEDIA_TYPE) {
            return;
        }
        // Deviation: docs/api/deviations.md#neutral-internal-errors. Coder names the cause in the answer.
        let detail = format!("Request id: {id}");
        let envelope = Envelope { message: self.message.to_string(), detail, validations: Vec::new() };
        // The router has set the length of the body that is replaced.
        response.headers_mut().remove(CONTENT_LENGTH);
        *response.body_mut() = answer(response.status(), &envelope).into_body();
    }
}

/// An envelope is text throughout, so its encoding cannot fail.
fn answer(status: StatusCode, envelope: &Envelope) -> Response {
    encode(status, envelope).unwrap_or_else(|_| status.into_response())
}

/// When a client may retry after a 503.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("2");

const INTERNAL: &str =
    "An internal error occurred. Try again; if it happens again, give an administrator the request id.";

impl ApiError {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    fn new(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Refusal {
            status,
            message: message.into(),
            detail: String::new(),
            validations: Vec::new(),
            challenge: None,
            cause: None,
            entry: None,
            is_plain_text: false,
        }))
    }

    fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = detail.into();
        self
    }

    fn with_field(mut self, field: &str, detail: impl Into<String>) -> Self {
        self.0.validations.push(Validation { field: field.to_owned(), detail: detail.into() });
        self
    }

    fn with_validations(mut self, validations: Vec<Validation>) -> Self {
        self.0.validations = validations;
        self
    }

    fn with_challenge(mut self, description: impl Into<String>) -> Self {
        self.0.challenge = Some(Challenge { code: "invalid_token", description: description.into() });
        self
    }

    fn because(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Arc::new(cause));
        self
    }

    fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// The resource does not exist or is hidden. Both have the same answer (docs/api/conventions.md#generic-refusals).
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "The resource does not exist, or you may not see it. Check the path and your permissions.",
        )
    }

    /// The caller may see the resource but not do this (docs/api/conventions.md#generic-refusals).
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden.").with_detail(
            "You do not have the permission for this. Ask an administrator to do it or to give you a role that may.",
        )
    }

    /// No route has the path of the request.
    pub fn unknown_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "No route has this path. Check the URL.")
    }

    /// SCIM is not configured (docs/api/deployment.md#scim).
    pub fn no_scim() -> Self {
        Self::new(StatusCode::NOT_FOUND, "SCIM provisioning is not configured.")
            .with_detail("This deployment has no SCIM key. Ask its operator.")
    }

    /// No GitHub application is configured.
    pub fn no_github() -> Self {
        Self::bad_request("Sign-in with GitHub is not configured. Sign in with a password.")
    }

    /// No OpenID provider is configured.
    pub fn no_oidc() -> Self {
        Self::bad_request("Sign-in with OpenID Connect is not configured. Sign in with a password.")
    }

    /// The deployment has no users yet.
    pub fn no_first_user() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no first user yet. Create one with POST /api/v2/users/first.")
    }

    /// The body of a page's form has another media type.
    pub(super) fn not_a_form() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "The request body is not a form. Send it as application/x-www-form-urlencoded.",
        )
    }

    /// The body is longer than [`MAX_BODY_BYTES`].
    pub(super) fn body_too_large() -> Self {
        let mib = MAX_BODY_BYTES >> 20;
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("The request body is larger than {mib} MiB. Send less at once."),
        )
    }

    /// The connection ended before the body did.
    pub(super) fn body_interrupted() -> Self {
        Self::bad_request("The connection ended before the request body did. Send the request again.")
    }

    fn weak_password(reason: String) -> Self {
        Self::bad_request("The password is not strong enough. Choose another one.").with_field("password", reason)
    }

    /// The answer is larger than Lambda can return, after compression if the client accepts it.
    pub fn answer_too_large() -> Self {
        Self::bad_request("The answer is too large.")
            .with_detail(
                "An answer has at most 6 MB. Set `limit` to get a page and `after_id` to get the next one. A client \
                 that accepts gzip gets larger pages.",
            )
            .with_field("limit", "The page is too large. Ask for fewer users.")
    }

    /// The text for a person.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The rate limit is exceeded. `Retry-After` says when to try again.
    pub fn too_many_requests(limit: u64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            format!("More than {limit} requests of this kind within {WINDOW_SECONDS} seconds. Wait and try again."),
        )
    }

    /// A user who is not an owner asked to bypass the rate limits (docs/api/authentication.md#rate-limit-bypass).
    pub fn bypass_refused() -> Self {
        let text = "Only owners may bypass rate limits. Remove the header X-Coder-Bypass-Ratelimit.";
        let mut refusal = Self::new(StatusCode::PRECONDITION_REQUIRED, text);
        refusal.0.is_plain_text = true;
        refusal
    }

    /// A page of another site sent the request (docs/api/authentication.md#csrf-protection).
    pub fn cross_site() -> Self {
        Self::new(StatusCode::FORBIDDEN, "The request came from another site. Send it from a page of this deployment.")
    }

    /// A failure that the client cannot correct. The cause is logged and not shown.
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL).because(cause)
    }

    /// Query parameters with invalid values.
    pub fn invalid_query(errors: Vec<impl Into<Validation>>) -> Self {
        let validations = errors.into_iter().map(Into::into).collect();
        Self::bad_request("Query parameters have invalid values. Correct the ones listed.")
            .with_validations(validations)
    }

    /// Both `timezone` and `tz_offset` (docs/api/deployment.md#status-history).
    pub(super) fn two_time_zones() -> Self {
        Self::bad_request("Give either `timezone` or `tz_offset`, not both.")
    }

    /// A `timezone` that does not exist (docs/api/deployment.md#status-history).
    pub(super) fn unknown_time_zone(name: &str) -> Self {
        let name = excerpt(name);
        let detail = format!("{name:?} is not a name of the IANA database. Give one such as \"Europe/Berlin\".");
        Self::bad_request("The time zone does not exist.").with_detail(detail)
    }
}

impl From<FilterError> for Validation {
    fn from(FilterError { field, detail }: FilterError) -> Self {
        Self { field, detail }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Refusal { status, message, detail, validations, challenge, cause, entry, is_plain_text } = *self.0;
        if is_plain_text {
            // axum sends text with the media type that the API uses too.
            return (status, message).into_response();
        }
        let envelope = Envelope { message: message.to_string(), detail, validations };
        let mut response = answer(status, &envelope);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        if let Some(challenge) = challenge {
            response.extensions_mut().insert(challenge);
        }
        if let Some(error) = cause {
            response.extensions_mut().insert(Cause { message, error });
        }
        if let Some(entry) = entry {
            response.extensions_mut().insert(entry);
        }
        response
    }
}

impl<E: Into<Self>> From<Audited<E>> for ApiError {
    fn from(refused: Audited<E>) -> Self {
        let mut error: Self = refused.error.into();
        error.0.entry = refused.entry;
        error
    }
}

/// Deviation: docs/api/deviations.md#conflict-and-overload. Coder answers 500 to all of these. In Roster a write
/// depends on the caller's permissions (decision 0005), and the list of users on an index that must be loaded (0008).
impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        let (status, message) = match error {
            StorageError::AuthzChanged => {
                return Self::new(
                    StatusCode::CONFLICT,
                    "Your permissions changed during the request. Nothing was changed. Try again.",
                );
            }
            StorageError::Contention => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Other requests change the same data. Nothing was changed. Try again.",
            ),
            StorageError::Throttled(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "The database is too busy to answer. Try again in a moment.")
            }
            StorageError::Corrupt { .. } | StorageError::Backend(_) => (StatusCode::INTERNAL_SERVER_ERROR, INTERNAL),
        };
        Self::new(status, message).because(error)
    }
}

impl From<SearchError> for ApiError {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::PageTooLarge => Self::answer_too_large(),
            SearchError::Loading => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "The list of users is still being loaded. Try again in a moment.",
            )
            .because(error),
            SearchError::Storage(error) => error.into(),
        }
    }
}

impl From<JsonError> for ApiError {
    fn from(error: JsonError) -> Self {
        Self::bad_request("The request body is not valid JSON for this request.").with_detail(error.to_string())
    }
}

impl From<InvalidFields> for ApiError {
    fn from(fields: InvalidFields) -> Self {
        Self::bad_request("Validation failed. Correct the fields listed.").with_validations(fields.0)
    }
}

/// The text of an error as a sentence.
pub fn sentence(error: &dyn Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}

/// An error and its causes, outermost first.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _infallible = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}
