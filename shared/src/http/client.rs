//! What a request says about its client: the address, the user agent and the token.

use axum::extract::{FromRequestParts, Request};
use http::Extensions;
use http::header::{AUTHORIZATION, USER_AGENT};
use http::request::Parts;
use lambda_http::request::RequestContext as GatewayContext;
use uuid::Uuid;

use super::context::RequestContext;
use super::cookies::{Cookies, SESSION};
use super::query::Query;
use super::route::MatchedRoute;
use crate::app::App;
use crate::config::Config;
use crate::domain::audit::Origin;

/// The header in which every client except browsers sends its token.
pub(super) const SESSION_HEADER: &str = "coder-session-token";

/// The address that the gateway saw; empty without a gateway. Headers such as `X-Forwarded-For` are not read, because a
/// client can write anything into them.
pub(super) fn address(extensions: &Extensions) -> &str {
    match extensions.get::<GatewayContext>() {
        Some(GatewayContext::ApiGatewayV2(context)) => context.http.source_ip.as_deref().unwrap_or_default(),
        _ => "",
    }
}

/// The token of a request. The first place that holds one counts, even if that token is not valid
/// (docs/api/authentication.md#token-sources).
pub(super) fn token(parts: &Parts, config: &Config) -> Option<String> {
    let filled = |token: &str| (!token.is_empty()).then(|| token.to_owned());
    let query = Query::parse(parts.uri.query());
    let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(token) = Cookies::of(config).session_token(&parts.headers) {
        return Some(token);
    }
    if let Some(token) = query.get(SESSION).and_then(filled) {
        return Some(token);
    }
    if let Some(token) = header(SESSION_HEADER).and_then(filled) {
        return Some(token);
    }
    let authorization = header(AUTHORIZATION.as_str()).and_then(|value| value.split_once(' '));
    if let Some((scheme, token)) = authorization
        && scheme.eq_ignore_ascii_case("bearer")
    {
        return filled(token.trim());
    }
    query.get("access_token").map(str::trim).and_then(filled)
}

/// Where the request with this id comes from.
pub(super) fn origin(request: &Request, id: Uuid) -> Origin {
    let user_agent = request.headers().get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    Origin::new(id, address(request.extensions()), user_agent.as_deref().unwrap_or_default())
}

/// Where a request comes from, with the success status of its route.
pub(super) fn origin_of(extensions: &Extensions) -> Origin {
    let origin = RequestContext::of(extensions).origin().clone();
    let success_status = extensions.get().map_or(origin.success_status, |route: &MatchedRoute| route.success.as_u16());
    Origin { success_status, ..origin }
}

/// Where a request comes from: for the audit log, and for API keys that the request creates.
#[derive(Clone, Debug)]
pub struct RequestOrigin(pub Origin);

impl FromRequestParts<App> for RequestOrigin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(origin_of(&parts.extensions)))
    }
}
