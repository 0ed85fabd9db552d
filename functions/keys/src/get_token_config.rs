//! `GET /api/v2/users/{user}/keys/tokens/tokenconfig`: the limit on the lifetime of a token.

use axum::extract::State;
use roster::api::api_keys::TokenConfig;
use roster::app::App;
use roster::http::{Payload, Target};

/// The longest lifetime of a token of the user. The CLI uses it as the default.
pub(crate) async fn get_token_config(State(app): State<App>, Target { user, .. }: Target) -> Payload<TokenConfig> {
    let bound = app.api_keys.max_lifetime(&user).as_nanos();
    Payload(TokenConfig { max_token_lifetime: u64::try_from(bound).unwrap_or(u64::MAX) })
}
