//! `GET /api/v2/users/{user}/keys/tokens`: named tokens.

use axum::extract::State;
use roster::api::api_keys::ApiKeyWithOwner;
use roster::app::App;
use roster::http::{ApiError, OwnKeys, Payload, Query, Target};
use roster::service::api_keys::TokenListing;

/// The tokens of a user, or of every user with `include_all`. Tokens that the caller may not read are left out.
pub(crate) async fn list_tokens(
    State(app): State<App>,
    Target { caller, user, prefetched: OwnKeys(own_keys), .. }: Target<OwnKeys>,
    query: Query,
) -> Result<Payload<Vec<ApiKeyWithOwner>>, ApiError> {
    let listing =
        TokenListing { include_all: query.flag("include_all"), include_expired: query.flag("include_expired") };
    let tokens = app.api_keys.list_tokens(&caller, &user, listing, own_keys).await?;
    Ok(Payload(tokens.into_iter().map(ApiKeyWithOwner::from).collect()))
}
