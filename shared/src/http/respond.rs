//! Successful answers.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;

use super::encode::encode;
use super::error::ApiError;

/// JSON with status 200.
#[derive(Clone, Debug)]
pub struct Payload<T>(pub T);

/// JSON with status 201.
#[derive(Clone, Debug)]
pub struct Created<T>(pub T);

/// Status 204 without a body.
#[derive(Clone, Copy, Debug)]
pub struct NoContent;

impl<T: Serialize> IntoResponse for Payload<T> {
    fn into_response(self) -> Response {
        json(StatusCode::OK, &self.0)
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        json(StatusCode::CREATED, &self.0)
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

fn json(status: StatusCode, value: &impl Serialize) -> Response {
    encode(status, value).unwrap_or_else(|error| ApiError::internal(error).into_response())
}
