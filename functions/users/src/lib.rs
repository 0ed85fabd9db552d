//! The routes about users: the first user, the list, one user, profile, status and roles.

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

use roster::api::envelope::Envelope;
use roster::api::insights::GetUserStatusCountsResponse;
use roster::api::roles::{AssignableRole, UpdateRoles};
use roster::api::users::{
    CreateFirstUserRequest, CreateFirstUserResponse, CreateUserRequest, CreatedUser, GetUsersResponse,
    UpdateUserProfileRequest, User, UserLoginType, UserRoles,
};
use roster::domain::audit::AuditAction;
use roster::http::Route;

/// The function's routes, in the order of their paths.
pub fn routes() -> Vec<Route> {
    let mut routes = collection();
    routes.extend(one_user());
    routes
}

fn collection() -> Vec<Route> {
    vec![
        Route::get(
            "get-user-status-counts",
            "/insights/user-status-counts",
            get_user_status_counts::get_user_status_counts,
        )
        .summary("Count users by status, per day")
        .response::<GetUserStatusCountsResponse>(),
        Route::get("list-users", "/users", list_users::list_users)
            .summary("List and search users")
            .trailing_slash()
            .response::<GetUsersResponse>(),
        Route::post("create-user", "/users", create_user::create_user)
            .summary("Create a user")
            .trailing_slash()
            .request::<CreateUserRequest>()
            .response::<CreatedUser>()
            .created(),
        Route::get("get-first-user", "/users/first", get_first_user::get_first_user)
            .summary("Check whether the first user exists")
            .public()
            .response::<Envelope>(),
        Route::post("create-first-user", "/users/first", create_first_user::create_first_user)
            .summary("Create the first user")
            .public()
            .csrf_exempt()
            .request::<CreateFirstUserRequest>()
            .response::<CreateFirstUserResponse>()
            .created(),
        Route::get("list-site-roles", "/users/roles", list_site_roles::list_site_roles)
            .summary("List site roles")
            .trailing_slash()
            .response::<[AssignableRole]>(),
    ]
}

fn one_user() -> Vec<Route> {
    vec![
        Route::get("get-user", "/users/{user}", get_user::get_user)
            .summary("Get a user")
            .trailing_slash()
            .response::<User>(),
        Route::delete("delete-user", "/users/{user}", delete_user::delete_user)
            .summary("Delete a user")
            .trailing_slash()
            .audited(AuditAction::Delete)
            .response::<Envelope>(),
        Route::get("get-login-type", "/users/{user}/login-type", get_login_type::get_login_type)
            .summary("Get the caller's login type")
            .response::<UserLoginType>(),
        Route::put("update-user-profile", "/users/{user}/profile", update_user_profile::update_user_profile)
            .summary("Change the username and the display name")
            .audited(AuditAction::Write)
            .request::<UpdateUserProfileRequest>()
            .response::<User>(),
        Route::get("get-user-roles", "/users/{user}/roles", get_user_roles::get_user_roles)
            .summary("Get the roles of a user")
            .response::<UserRoles>(),
        Route::put("update-user-roles", "/users/{user}/roles", update_user_roles::update_user_roles)
            .summary("Replace the site roles of a user")
            .audited(AuditAction::Write)
            .request::<UpdateRoles>()
            .response::<User>(),
        Route::put("suspend-user", "/users/{user}/status/suspend", suspend_user::suspend_user)
            .summary("Suspend a user")
            .audited(AuditAction::Write)
            .response::<User>(),
        Route::put("activate-user", "/users/{user}/status/activate", activate_user::activate_user)
            .summary("Activate a user")
            .audited(AuditAction::Write)
            .response::<User>(),
    ]
}
