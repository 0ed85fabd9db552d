//! `GET /api/v2/auth/scopes`: the scopes that a client may request.

use roster::api::api_keys::ExternalApiKeyScopes;
use roster::http::Payload;
use roster::rbac::PUBLIC_SCOPES;

/// The names in byte order. Needs no token.
pub(crate) async fn list_scopes() -> Payload<ExternalApiKeyScopes> {
    Payload(ExternalApiKeyScopes { external: &PUBLIC_SCOPES })
}
