//! The routes about the deployment. This function also answers every request for which the gateway has no route.

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

use roster::api::api_keys::ExternalApiKeyScopes;
use roster::api::deployment::entitlements::Entitlements;
use roster::api::deployment::options::DeploymentConfig;
use roster::api::deployment::{Appearance, AvailableExperiments, BuildInfo, License, Regions, SshConfig, UpdateCheck};
use roster::api::envelope::Envelope;
use roster::http::Route;

use self::list_available_experiments::list_available_experiments;

/// The function's own routes, in the order of their paths.
pub fn own_routes() -> Vec<Route> {
    vec![
        Route::get("get-api-root", "", get_api_root::get_api_root)
            .summary("Greet")
            .public()
            .trailing_slash()
            .response::<Envelope>(),
        Route::get("get-appearance", "/appearance", get_appearance::get_appearance)
            .summary("Get the appearance of the deployment")
            .response::<Appearance>(),
        Route::get("list-scopes", "/auth/scopes", list_scopes::list_scopes)
            .summary("List the scopes of API keys")
            .public()
            .response::<ExternalApiKeyScopes>(),
        Route::get("get-build-info", "/buildinfo", get_build_info::get_build_info)
            .summary("Get the version")
            .public()
            .response::<BuildInfo>(),
        Route::get("get-deployment-config", "/deployment/config", get_deployment_config::get_deployment_config)
            .summary("Get the settings of the deployment")
            .response::<DeploymentConfig>(),
        Route::get("get-ssh-config", "/deployment/ssh", get_ssh_config::get_ssh_config)
            .summary("Get the SSH settings of the deployment")
            .response::<SshConfig>(),
        Route::get("get-entitlements", "/entitlements", get_entitlements::get_entitlements)
            .summary("Get the entitlements")
            .public()
            .response::<Entitlements>(),
        Route::get("list-experiments", "/experiments", list_experiments::list_experiments)
            .summary("List enabled experiments; always empty")
            .response::<[&str]>(),
        Route::get("list-available-experiments", "/experiments/available", list_available_experiments)
            .summary("List available experiments; always empty")
            .response::<AvailableExperiments>(),
        Route::get("list-licenses", "/licenses", list_licenses::list_licenses)
            .summary("List licenses; always empty")
            .response::<[License]>(),
        Route::get("list-regions", "/regions", list_regions::list_regions)
            .summary("List regions")
            .response::<Regions>(),
        Route::get("get-update-check", "/updatecheck", get_update_check::get_update_check)
            .summary("Check whether a newer version exists")
            .public()
            .response::<UpdateCheck>(),
    ]
}

/// The routes of every function. The gateway sends every request to this function that it cannot match itself: unknown
/// paths, wrong methods, paths with a slash at their end, and paths that match only after runs of slashes are
/// collapsed.
pub fn routes() -> Vec<Route> {
    [
        own_routes(),
        roster_users::routes(),
        roster_auth::routes(),
        roster_sso::routes(),
        roster_keys::routes(),
        roster_settings::routes(),
        roster_organizations::routes(),
    ]
    .concat()
}
