//! `GET /api/v2/auth/scopes`: the scopes that a token may ask for.

use roster::api::api_keys::ExternalApiKeyScopes;
use roster::http::Payload;
use roster::rbac::PUBLIC_SCOPES;

/// In byte order; nobody needs to be signed in.
pub(crate) async fn list_scopes() -> Payload<ExternalApiKeyScopes> {
    Payload(ExternalApiKeyScopes { external: &PUBLIC_SCOPES })
}
