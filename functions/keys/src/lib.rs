//! API keys and named tokens.

mod create_key;
mod create_token;
mod delete_key;
mod expire_key;
mod get_key;
mod get_token;
mod get_token_config;
mod list_tokens;

use roster::http::Routes;

/// The function's routes.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .post("/users/{user}/keys", create_key::create_key)
        .get("/users/{user}/keys/tokens", list_tokens::list_tokens)
        .post("/users/{user}/keys/tokens", create_token::create_token)
        .get("/users/{user}/keys/tokens/tokenconfig", get_token_config::get_token_config)
        .get("/users/{user}/keys/tokens/{keyname}", get_token::get_token)
        .get("/users/{user}/keys/{keyid}", get_key::get_key)
        .delete("/users/{user}/keys/{keyid}", delete_key::delete_key)
        .put("/users/{user}/keys/{keyid}/expire", expire_key::expire_key)
}
