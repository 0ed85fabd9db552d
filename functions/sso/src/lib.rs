//! Signing in through GitHub or an OpenID provider, neither of which can be configured yet, and changing to it.

mod convert_login;
mod get_oidc_claims;
mod github_callback;
mod github_device;
mod oidc_callback;

use roster::http::Routes;

/// The function's routes.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/users/oauth2/github/callback", github_callback::github_callback)
        .public()
        .of_login_group()
        .get("/users/oauth2/github/device", github_device::github_device)
        .public()
        .of_login_group()
        .get("/users/oidc-claims", get_oidc_claims::get_oidc_claims)
        .get("/users/oidc/callback", oidc_callback::oidc_callback)
        .public()
        .of_login_group()
        .post("/users/{user}/convert-login", convert_login::convert_login)
}
