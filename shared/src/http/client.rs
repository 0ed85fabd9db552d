//! Where a request comes from.

use axum::extract::Request;
use http::Extensions;
use lambda_http::request::RequestContext;

/// The address that the gateway saw; empty when there was no gateway. Headers are never asked: a client writes them.
pub(super) fn address(extensions: &Extensions) -> &str {
    match extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref().unwrap_or_default(),
        _ => "",
    }
}

/// The part of a path below the API's root; `None` outside of it.
pub(super) fn api_path(request: &Request) -> Option<&str> {
    request.uri().path().strip_prefix(super::routes::BASE)
}
