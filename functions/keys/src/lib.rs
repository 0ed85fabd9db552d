//! The routes about API keys and named tokens.

mod create_key;
mod create_token;
mod delete_key;
mod expire_key;
mod get_key;
mod get_token;
mod get_token_config;
mod list_tokens;

use roster::api::api_keys::{ApiKey, ApiKeyWithOwner, CreateTokenRequest, GenerateApiKeyResponse, TokenConfig};
use roster::http::Route;

/// The function's routes, in the order of their paths.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("create-key", "/users/{user}/keys", create_key::create_key)
            .summary("Create a session key")
            .response::<GenerateApiKeyResponse>()
            .created(),
        Route::get("list-tokens", "/users/{user}/keys/tokens", list_tokens::list_tokens)
            .summary("List tokens")
            .response::<[ApiKeyWithOwner]>(),
        Route::post("create-token", "/users/{user}/keys/tokens", create_token::create_token)
            .summary("Create a token")
            .request::<CreateTokenRequest>()
            .response::<GenerateApiKeyResponse>()
            .created(),
        Route::get("get-token-config", "/users/{user}/keys/tokens/tokenconfig", get_token_config::get_token_config)
            .summary("Get the longest lifetime of a token")
            .response::<TokenConfig>(),
        Route::get("get-token", "/users/{user}/keys/tokens/{keyname}", get_token::get_token)
            .summary("Get a token by name")
            .response::<ApiKey>(),
        Route::get("get-key", "/users/{user}/keys/{keyid}", get_key::get_key)
            .summary("Get a key by id")
            .response::<ApiKey>(),
        Route::delete("delete-key", "/users/{user}/keys/{keyid}", delete_key::delete_key)
            .summary("Delete a key")
            .no_content(),
        Route::put("expire-key", "/users/{user}/keys/{keyid}/expire", expire_key::expire_key)
            .summary("Expire a key")
            .no_content(),
    ]
}
