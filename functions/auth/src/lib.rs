//! Signing in and out, and passwords.

mod change_password;
mod change_password_with_passcode;
mod get_auth_methods;
mod login;
mod logout;
mod pages;
mod request_passcode;
mod validate_password;

use roster::domain::audit::AuditAction;
use roster::http::Routes;

/// The function's routes.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/users/authmethods", get_auth_methods::get_auth_methods)
        .public()
        .post("/users/login", login::login)
        .public()
        .of_login_group()
        .post("/users/logout", logout::logout)
        .post("/users/otp/change-password", change_password_with_passcode::change_password_with_passcode)
        .public()
        .of_login_group()
        .post("/users/otp/request", request_passcode::request_passcode)
        .public()
        .of_login_group()
        .post("/users/validate-password", validate_password::validate_password)
        .public()
        .of_login_group()
        .get_page("/cli-auth", pages::cli_auth::show, pages::refused)
        .post_page("/cli-auth", pages::cli_auth::send, pages::refused)
        .of_login_group()
        .get_page("/reset-password", pages::request::show, pages::refused)
        .post_page("/reset-password", pages::request::send, pages::refused)
        .of_login_group()
        .get_page("/reset-password/change", pages::change::show, pages::refused)
        .post_page("/reset-password/change", pages::change::send, pages::refused)
        .of_login_group()
        .put("/users/{user}/password", change_password::change_password)
        .audited(AuditAction::Write)
        .of_login_group()
        .put("/users/{user}/password/", change_password::change_password)
        .audited(AuditAction::Write)
        .of_login_group()
}
