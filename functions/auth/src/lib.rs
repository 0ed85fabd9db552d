//! The routes about sign-in, sign-out and passwords, and the pages for browsers.

mod change_password;
mod change_password_with_passcode;
mod get_auth_methods;
mod login;
mod logout;
mod pages;
mod request_passcode;
mod validate_password;

use roster::api::envelope::Envelope;
use roster::api::login::{
    AuthMethods, ChangePasswordRequest, ChangePasswordWithOneTimePasscodeRequest, LoginWithPasswordRequest,
    LoginWithPasswordResponse, RequestOneTimePasscodeRequest, ValidateUserPasswordRequest,
    ValidateUserPasswordResponse,
};
use roster::domain::audit::AuditAction;
use roster::http::Route;

use self::change_password_with_passcode::change_password_with_passcode;
use self::pages::{change, cli_auth, refused, request};

/// The function's routes, in the order of their paths; pages last.
pub fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::get("get-auth-methods", "/users/authmethods", get_auth_methods::get_auth_methods)
            .summary("List the ways to sign in")
            .public()
            .response::<AuthMethods>(),
        Route::post("login", "/users/login", login::login)
            .summary("Sign in with a password")
            .public()
            .login_limit()
            .request::<LoginWithPasswordRequest>()
            .response::<LoginWithPasswordResponse>()
            .created(),
        Route::post("logout", "/users/logout", logout::logout).summary("Sign out").response::<Envelope>(),
        Route::post("change-password-with-passcode", "/users/otp/change-password", change_password_with_passcode)
            .summary("Set a password with a one-time passcode")
            .unknown_methods()
            .public()
            .login_limit()
            .request::<ChangePasswordWithOneTimePasscodeRequest>()
            .no_content(),
        Route::post("request-passcode", "/users/otp/request", request_passcode::request_passcode)
            .summary("Mail a one-time passcode")
            .unknown_methods()
            .public()
            .login_limit()
            .request::<RequestOneTimePasscodeRequest>()
            .no_content(),
        Route::post("validate-password", "/users/validate-password", validate_password::validate_password)
            .summary("Check a password against the policy")
            .public()
            .login_limit()
            .request::<ValidateUserPasswordRequest>()
            .response::<ValidateUserPasswordResponse>(),
        Route::put("change-password", "/users/{user}/password", change_password::change_password)
            .summary("Change a password")
            .trailing_slash()
            .login_limit()
            .audited(AuditAction::Write)
            .request::<ChangePasswordRequest>()
            .no_content(),
    ];
    routes.extend(page_routes());
    routes
}

fn page_routes() -> [Route; 6] {
    [
        Route::get("show-cli-auth-page", "/cli-auth", cli_auth::show)
            .summary("Show the sign-in form of the CLI")
            .page(refused),
        Route::post("send-cli-auth-page", "/cli-auth", cli_auth::send)
            .summary("Sign in and show a session token for the CLI")
            .page(refused)
            .login_limit()
            .csrf_exempt(),
        Route::get("show-reset-password-page", "/reset-password", request::show)
            .summary("Show the form that requests a one-time passcode")
            .page(refused),
        Route::post("send-reset-password-page", "/reset-password", request::send)
            .summary("Mail a one-time passcode")
            .page(refused)
            .login_limit()
            .csrf_exempt(),
        Route::get("show-change-password-page", "/reset-password/change", change::show)
            .summary("Show the form that sets a password")
            .page(refused),
        Route::post("send-change-password-page", "/reset-password/change", change::send)
            .summary("Set a password with a one-time passcode")
            .page(refused)
            .login_limit()
            .csrf_exempt(),
    ]
}
