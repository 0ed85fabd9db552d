//! What the deployment says of itself, and every request that the gateway has no route for.

mod get_api_root;
mod get_appearance;
mod get_build_info;
mod get_deployment_config;
mod get_entitlements;
mod get_ssh_config;
mod get_update_check;
mod list_available_experiments;
mod list_experiments;
mod list_licenses;
mod list_regions;
mod list_scopes;

use roster::http::Routes;

/// The function's own routes.
#[must_use]
pub fn own_routes() -> Routes {
    Routes::new()
        .get("", get_api_root::get_api_root)
        .public()
        .get("/", get_api_root::get_api_root)
        .public()
        .get("/appearance", get_appearance::get_appearance)
        .get("/auth/scopes", list_scopes::list_scopes)
        .public()
        .get("/buildinfo", get_build_info::get_build_info)
        .public()
        .get("/deployment/config", get_deployment_config::get_deployment_config)
        .get("/deployment/ssh", get_ssh_config::get_ssh_config)
        .get("/entitlements", get_entitlements::get_entitlements)
        .public()
        .get("/experiments", list_experiments::list_experiments)
        .get("/experiments/available", list_available_experiments::list_available_experiments)
        .get("/licenses", list_licenses::list_licenses)
        .get("/regions", list_regions::list_regions)
        .get("/updatecheck", get_update_check::get_update_check)
        .public()
}

/// The routes of every function. The gateway sends here what it cannot match itself: unknown paths, wrong methods,
/// and paths that only become known once their doubled slashes are collapsed.
#[must_use]
pub fn routes() -> Routes {
    own_routes()
        .merge(roster_users::routes())
        .merge(roster_auth::routes())
        .merge(roster_sso::routes())
        .merge(roster_keys::routes())
        .merge(roster_settings::routes())
        .merge(roster_organizations::routes())
}
