//! Refusals: the one place that knows which status and which words an outcome gets. Every use case's error is matched
//! in full, so that a new variant asks its question here. What refuses people who sign in, and their keys, is in
//! `sign_in`.

mod sign_in;
mod users;

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use uuid::Uuid;

use super::encode::{MEDIA_TYPE, encode};
use crate::api::envelope::{Envelope, Validation};
use crate::api::fields::InvalidFields;
use crate::api::json::{JsonError, MAX_BODY_BYTES};
use crate::domain::names::excerpt;
use crate::domain::rate_limit::WINDOW_SECONDS;
use crate::search::filter::FilterError;
use crate::storage::StorageError;

/// An answer that is no success, in the API's envelope (docs/api/conventions.md#error-envelope).
#[derive(Debug)]
pub struct ApiError(Box<Refusal>);

/// Behind a pointer, so that the path of success does not carry its size along.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    message: Cow<'static, str>,
    detail: String,
    validations: Vec<Validation>,
    challenge: Option<Challenge>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
    /// The message alone, outside of the envelope.
    is_plain_text: bool,
}

/// What `WWW-Authenticate` says of a failed authentication.
#[derive(Clone, Debug)]
pub(super) struct Challenge {
    /// The error code of the bearer scheme.
    pub(super) code: &'static str,
    /// For people.
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
        // Deviation: docs/api/deviations.md#neutral-internal-errors. The reference names the cause in the answer.
        let detail = format!("Request id: {id}");
        let envelope = Envelope { message: self.message.to_string(), detail, validations: Vec::new() };
        *response.body_mut() = answer(response.status(), &envelope).into_body();
    }
}

/// An envelope is text throughout, so its encoding cannot fail.
fn answer(status: StatusCode, envelope: &Envelope) -> Response {
    encode(status, envelope).unwrap_or_else(|_| status.into_response())
}

/// Seconds after which a client may try again when the database was too busy.
const PATIENCE_SECONDS: HeaderValue = HeaderValue::from_static("2");

const INTERNAL: &str = "Something went wrong inside. If it happens again, give an administrator the request id.";

impl ApiError {
    /// The status of the answer.
    #[must_use]
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

    /// NOTFOUND: the one answer for what does not exist and for what is hidden
    /// (docs/api/conventions.md#generic-refusals).
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no such resource, or you may not see it.")
    }

    /// FORBIDDEN: the caller may see the object and not do this (docs/api/conventions.md#generic-refusals).
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "Forbidden.").with_detail("You lack the permission to see or do this.")
    }

    /// No route has that path.
    #[must_use]
    pub fn unknown_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no such route.")
    }

    /// Provisioning has no key, so that nothing of it is there (docs/api/deployment.md#scim).
    #[must_use]
    pub fn no_scim() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no provisioning here.")
            .with_detail("This deployment has no SCIM key configured.")
    }

    /// Nobody signs in with GitHub.
    #[must_use]
    pub fn no_github() -> Self {
        Self::bad_request("Signing in with GitHub is not configured.")
    }

    /// Nobody signs in with an OpenID provider.
    #[must_use]
    pub fn no_oidc() -> Self {
        Self::bad_request("Signing in with OpenID Connect is not configured.")
    }

    /// Nobody created the first user yet.
    #[must_use]
    pub fn no_first_user() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no first user yet.")
    }

    /// Only about oneself.
    #[must_use]
    pub fn only_oneself() -> Self {
        Self::new(StatusCode::FORBIDDEN, "You may only ask for your own login type.")
    }

    /// A page's form is sent in one way, and the body came in another.
    pub(super) fn not_a_form() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The request body is not a form.")
    }

    /// The body is longer than [`MAX_BODY_BYTES`].
    pub(super) fn body_too_large() -> Self {
        let mib = MAX_BODY_BYTES >> 20;
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, format!("The request body is larger than {mib} MiB."))
    }

    /// The connection ended before the body did.
    pub(super) fn body_interrupted() -> Self {
        Self::bad_request("The request body ended early.")
    }

    fn weak_password(reason: String) -> Self {
        Self::bad_request("The password is not strong enough.").with_field("password", reason)
    }

    /// More than can leave in one answer, even compressed should the client accept that.
    #[must_use]
    pub fn answer_too_large() -> Self {
        Self::bad_request("The answer is too large.")
            .with_detail(
                "An answer has at most 6 MB. Ask for a page with `limit`, and for the next one with `after_id`; who \
                 accepts gzip gets larger pages.",
            )
            .with_field("limit", "The page is too large: ask for fewer.")
    }

    /// What to tell a person.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// One request too many; after how long to try again is said in a header.
    #[must_use]
    pub fn too_many_requests(limit: u64) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            format!("More than {limit} requests of this kind within {WINDOW_SECONDS} seconds. Wait, and try again."),
        )
    }

    /// Only owners are exempt from rate limits, and this one asked to be
    /// (docs/api/authentication.md#rate-limit-bypass).
    #[must_use]
    pub fn bypass_refused() -> Self {
        let text = "Only owners may bypass rate limits: leave the header X-Coder-Bypass-Ratelimit out.";
        let mut refusal = Self::new(StatusCode::PRECONDITION_REQUIRED, text);
        refusal.0.is_plain_text = true;
        refusal
    }

    /// Whatever a client can do nothing about; the cause is logged, not shown.
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL).because(cause)
    }

    /// Query parameters that mean nothing.
    #[must_use]
    pub fn invalid_query(errors: Vec<impl Into<Validation>>) -> Self {
        let validations = errors.into_iter().map(Into::into).collect();
        Self::bad_request("Query parameters have invalid values.").with_validations(validations)
    }

    /// Both `timezone` and `tz_offset` (docs/api/deployment.md#status-history).
    pub(super) fn two_time_zones() -> Self {
        Self::bad_request("A time zone is given by its name or by its offset, not by both.")
    }

    /// A `timezone` that is none (docs/api/deployment.md#status-history).
    pub(super) fn unknown_time_zone(name: &str) -> Self {
        let name = excerpt(name);
        let detail = format!("{name:?} is no name of the IANA database, such as \"Europe/Berlin\".");
        Self::bad_request("There is no such time zone.").with_detail(detail)
    }
}

impl From<FilterError> for Validation {
    fn from(FilterError { field, detail }: FilterError) -> Self {
        Self { field, detail }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Refusal { status, message, detail, validations, challenge, cause, is_plain_text } = *self.0;
        if is_plain_text {
            // axum's own type of a text is the one of the API.
            return (status, message).into_response();
        }
        let envelope = Envelope { message: message.to_string(), detail, validations };
        let mut response = answer(status, &envelope);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, PATIENCE_SECONDS);
        }
        if let Some(challenge) = challenge {
            response.extensions_mut().insert(challenge);
        }
        if let Some(error) = cause {
            response.extensions_mut().insert(Cause { message, error });
        }
        response
    }
}

/// Deviation: docs/api/deviations.md#conflict-and-overload. The reference knows none of these but 500: here a write
/// depends on what the caller may still do and on who else writes (decision 0005), the list of users on what is loaded
/// (0008), and everything on the table.
impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        let (status, message) = match error {
            StorageError::AuthzChanged => {
                return Self::new(
                    StatusCode::CONFLICT,
                    "Your permissions changed while the request was carried out. Nothing was changed; try again.",
                );
            }
            StorageError::Contention => {
                (StatusCode::SERVICE_UNAVAILABLE, "Others are changing the same thing. Nothing was changed; try again.")
            }
            StorageError::Loading => {
                (StatusCode::SERVICE_UNAVAILABLE, "The list of users is still being loaded. Try again in a moment.")
            }
            StorageError::Throttled(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "The database is too busy to answer. Try again in a moment.")
            }
            StorageError::Corrupt { .. } | StorageError::Backend(_) => (StatusCode::INTERNAL_SERVER_ERROR, INTERNAL),
        };
        Self::new(status, message).because(error)
    }
}

impl From<JsonError> for ApiError {
    fn from(error: JsonError) -> Self {
        Self::bad_request("The request body is not valid JSON for this request.").with_detail(error.to_string())
    }
}

impl From<InvalidFields> for ApiError {
    fn from(fields: InvalidFields) -> Self {
        Self::bad_request("Validation failed.").with_validations(fields.0)
    }
}

/// An error's text as a sentence.
#[must_use]
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
