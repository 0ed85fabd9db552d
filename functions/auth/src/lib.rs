//! Signing in and out, and passwords.

mod change_password;
mod change_password_with_passcode;
mod get_auth_methods;
mod login;
mod logout;
mod pages;
mod request_passcode;
mod validate_password;

use roster::http::Routes;

/// The function's routes.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/users/authmethods", get_auth_methods::get_auth_methods)
        .post("/users/login", login::login)
        .post("/users/logout", logout::logout)
        .post("/users/otp/change-password", change_password_with_passcode::change_password_with_passcode)
        .post("/users/otp/request", request_passcode::request_passcode)
        .post("/users/validate-password", validate_password::validate_password)
        .get_page("/cli-auth", pages::cli_auth::show)
        .post_page("/cli-auth", pages::cli_auth::send)
        .get_page("/reset-password", pages::request::show)
        .post_page("/reset-password", pages::request::send)
        .get_page("/reset-password/change", pages::change::show)
        .post_page("/reset-password/change", pages::change::send)
        .put("/users/{user}/password", change_password::change_password)
        .put("/users/{user}/password/", change_password::change_password)
}
