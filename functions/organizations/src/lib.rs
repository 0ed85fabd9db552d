//! The routes about organizations, the organizations of a user, and the members of an organization.

mod get_organization;
mod get_user_organization;
mod get_workspace_sharing;
mod list_organizations;
mod list_user_organizations;
mod remove_member;
mod update_member_roles;

use roster::api::organizations::{Organization, OrganizationMember, WorkspaceSharingSettings};
use roster::api::roles::UpdateRoles;
use roster::http::Route;

use self::get_user_organization::get_user_organization;
use self::get_workspace_sharing::get_workspace_sharing;
use self::update_member_roles::update_member_roles;

/// The function's routes, in the order of their paths.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("list-organizations", "/organizations", list_organizations::list_organizations)
            .summary("List organizations")
            .trailing_slash()
            .response::<[Organization]>(),
        Route::get("get-organization", "/organizations/{organization}", get_organization::get_organization)
            .summary("Get an organization")
            .trailing_slash()
            .response::<Organization>(),
        Route::delete("remove-member", "/organizations/{organization}/members/{user}", remove_member::remove_member)
            .summary("Remove a member from an organization")
            .no_content(),
        Route::put("update-member-roles", "/organizations/{organization}/members/{user}/roles", update_member_roles)
            .summary("Replace the roles of a member")
            .request::<UpdateRoles>()
            .response::<OrganizationMember>(),
        Route::get(
            "get-workspace-sharing",
            "/organizations/{organization}/settings/workspace-sharing",
            get_workspace_sharing,
        )
        .summary("Get the workspace sharing settings of an organization")
        .response::<WorkspaceSharingSettings>(),
        Route::get(
            "list-user-organizations",
            "/users/{user}/organizations",
            list_user_organizations::list_user_organizations,
        )
        .summary("List the organizations of a user")
        .trailing_slash()
        .response::<[Organization]>(),
        Route::get("get-user-organization", "/users/{user}/organizations/{organizationname}", get_user_organization)
            .summary("Get an organization by name")
            .response::<Organization>(),
    ]
}
