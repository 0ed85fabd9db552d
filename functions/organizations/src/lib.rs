//! Organizations, those of a user, and members of an organization.

mod get_organization;
mod get_user_organization;
mod get_workspace_sharing;
mod list_organizations;
mod list_user_organizations;
mod remove_member;
mod update_member_roles;

use roster::http::Routes;

/// The function's routes.
#[must_use]
pub fn routes() -> Routes {
    Routes::new()
        .get("/organizations", list_organizations::list_organizations)
        .get("/organizations/", list_organizations::list_organizations)
        .get("/organizations/{organization}", get_organization::get_organization)
        .get("/organizations/{organization}/", get_organization::get_organization)
        .delete("/organizations/{organization}/members/{user}", remove_member::remove_member)
        .put("/organizations/{organization}/members/{user}/roles", update_member_roles::update_member_roles)
        .get("/organizations/{organization}/settings/workspace-sharing", get_workspace_sharing::get_workspace_sharing)
        .get("/users/{user}/organizations", list_user_organizations::list_user_organizations)
        .get("/users/{user}/organizations/", list_user_organizations::list_user_organizations)
        .get("/users/{user}/organizations/{organizationname}", get_user_organization::get_user_organization)
}
