//! Calls a function in this process with the event that API Gateway would send.

use std::convert::Infallible;

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use axum::Router;
use bytes::Bytes;
use http::Response;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Context, IntoResponse, LambdaEvent};
use roster::http::DOCUMENT_LIMIT_BYTES;
use tower::ServiceExt;

use crate::event;

/// Why a function has no answer. Clients get a 500 without details.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvokeError {
    /// The event or the answer cannot be converted.
    #[error("the document is not an API Gateway document")]
    Document(#[from] serde_json::Error),
    /// Larger than [`DOCUMENT_LIMIT_BYTES`].
    #[error("the answer has {0} bytes, more than Lambda returns")]
    Size(usize),
    /// The answer is not an HTTP answer.
    #[error(transparent)]
    Answer(#[from] event::AnswerError),
}

/// Answers an event with a router, with the same conversions as in Lambda.
pub(crate) async fn invoke(function: Router, document: &[u8]) -> Result<Response<Bytes>, InvokeError> {
    let event: LambdaRequest = serde_json::from_slice(document)?;
    // The adapter of `lambda_http::run`. It shares the response between threads, which the body of the router forbids.
    let service = lambda_http::service_fn(move |request: lambda_http::Request| {
        let function = function.clone();
        async move { Ok::<_, Infallible>(respond(function, request).await) }
    });
    let answer = match Adapter::from(service).oneshot(LambdaEvent::new(event, Context::default())).await {
        Ok(answer) => serde_json::to_vec(&answer)?,
        Err(never) => match never {},
    };
    if answer.len() > DOCUMENT_LIMIT_BYTES {
        return Err(InvokeError::Size(answer.len()));
    }
    let answer: ApiGatewayV2httpResponse = serde_json::from_slice(&answer)?;
    Ok(event::into_response(answer)?)
}

async fn respond(function: Router, request: lambda_http::Request) -> Response<lambda_http::Body> {
    match function.oneshot(request).await {
        Ok(response) => response.into_response().await,
        Err(never) => match never {},
    }
}
