//! The routes about sign-in through GitHub or an OpenID provider. Neither can be configured yet.

mod convert_login;
mod get_oidc_claims;
mod github_callback;
mod github_device;
mod oidc_callback;

use roster::api::sso::{ConvertLoginRequest, OAuthConversionResponse};
use roster::http::Route;

/// The function's routes, in the order of their paths.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("github-callback", "/users/oauth2/github/callback", github_callback::github_callback)
            .summary("Finish sign-in through GitHub")
            .public()
            .login_limit(),
        Route::get("github-device", "/users/oauth2/github/device", github_device::github_device)
            .summary("Start sign-in through GitHub's device flow")
            .public()
            .login_limit(),
        Route::get("get-oidc-claims", "/users/oidc-claims", get_oidc_claims::get_oidc_claims)
            .summary("Get the caller's OIDC claims"),
        Route::get("oidc-callback", "/users/oidc/callback", oidc_callback::oidc_callback)
            .summary("Finish sign-in through an OpenID provider")
            .public()
            .login_limit(),
        Route::post("convert-login", "/users/{user}/convert-login", convert_login::convert_login)
            .summary("Start the change to another login type")
            .request::<ConvertLoginRequest>()
            .response::<OAuthConversionResponse>()
            .created(),
    ]
}
