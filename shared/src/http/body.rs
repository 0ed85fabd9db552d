//! Request bodies: JSON, JSON that is decoded later, and forms.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::error::ApiError;
use super::query::Query;
use crate::api::json;
use crate::app::App;

/// Reads a whole body of at most [`json::MAX_BODY_BYTES`].
pub(super) async fn read_body(body: Body) -> Result<Bytes, ApiError> {
    match Limited::new(body, json::MAX_BODY_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::body_too_large()),
        Err(_) => Err(ApiError::body_interrupted()),
    }
}

/// A JSON body (docs/api/conventions.md#request-bodies).
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _app: &App) -> Result<Self, ApiError> {
        let body = read_body(request.into_body()).await?;
        Ok(Self(json::decode(&body)?))
    }
}

/// A JSON body that the handler decodes itself, because other checks come first.
pub struct RawBody(Result<Bytes, ApiError>);

/// Without the body, which may hold a password.
impl std::fmt::Debug for RawBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RawBody").finish_non_exhaustive()
    }
}

impl RawBody {
    /// Decodes the body.
    pub fn decode<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        Ok(json::decode(&self.0?)?)
    }
}

impl FromRequest<App> for RawBody {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, _app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(read_body(request.into_body()).await))
    }
}

/// The fields of a page's form.
#[derive(Clone, Default, Debug)]
pub struct Form(Query);

impl Form {
    /// The first value of a field; empty when the field is missing.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_default()
    }
}

impl FromRequest<App> for Form {
    type Rejection = ApiError;

    async fn from_request(request: Request, _app: &App) -> Result<Self, ApiError> {
        let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = media_type.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(ApiError::not_a_form());
        }
        Ok(Self(Query::parse_bytes(&read_body(request.into_body()).await?)))
    }
}
