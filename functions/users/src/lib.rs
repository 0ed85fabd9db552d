//! Users: the first one, the list, one of them, profile, status and roles.

mod activate_user;
mod create_first_user;
mod create_user;
mod delete_user;
mod get_first_user;
mod get_login_type;
mod get_user;
mod get_user_roles;
mod get_user_status_counts;
mod list_site_roles;
mod list_users;
mod suspend_user;
mod update_user_profile;
mod update_user_roles;

use roster::domain::audit::AuditAction;
use roster::http::Routes;

/// The function's routes, in the order of their paths. `first`, `login` and the like are users for every method that
/// they do not define.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/insights/user-status-counts", get_user_status_counts::get_user_status_counts)
        .get("/users", list_users::list_users)
        .post("/users", create_user::create_user)
        .get("/users/", list_users::list_users)
        .post("/users/", create_user::create_user)
        .get("/users/first", get_first_user::get_first_user)
        .public()
        .post("/users/first", create_first_user::create_first_user)
        .public()
        .delete_user_named("/users/first", delete_user::delete_user)
        .audited(AuditAction::Delete)
        .get("/users/roles", list_site_roles::list_site_roles)
        .get("/users/roles/", list_site_roles::list_site_roles)
        .get_user_named("/users/login", get_user::get_user)
        .delete_user_named("/users/login", delete_user::delete_user)
        .audited(AuditAction::Delete)
        .get_user_named("/users/logout", get_user::get_user)
        .delete_user_named("/users/logout", delete_user::delete_user)
        .audited(AuditAction::Delete)
        .get_user_named("/users/validate-password", get_user::get_user)
        .delete_user_named("/users/validate-password", delete_user::delete_user)
        .audited(AuditAction::Delete)
        .delete_user_named("/users/authmethods", delete_user::delete_user)
        .audited(AuditAction::Delete)
        .delete_user_named("/users/oidc-claims", delete_user::delete_user)
        .audited(AuditAction::Delete)
        .get("/users/{user}", get_user::get_user)
        .delete("/users/{user}", delete_user::delete_user)
        .audited(AuditAction::Delete)
        .get("/users/{user}/", get_user::get_user)
        .delete("/users/{user}/", delete_user::delete_user)
        .audited(AuditAction::Delete)
        .get("/users/{user}/login-type", get_login_type::get_login_type)
        .put("/users/{user}/profile", update_user_profile::update_user_profile)
        .audited(AuditAction::Write)
        .get("/users/{user}/roles", get_user_roles::get_user_roles)
        .put("/users/{user}/roles", update_user_roles::update_user_roles)
        .audited(AuditAction::Write)
        .put("/users/{user}/status/suspend", suspend_user::suspend_user)
        .audited(AuditAction::Write)
        .put("/users/{user}/status/activate", activate_user::activate_user)
        .audited(AuditAction::Write)
}
