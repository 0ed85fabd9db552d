//! What the deployment says of itself, and every request that the gateway has no route for.

mod get_build_info;
mod list_scopes;

use roster::http::Routes;

/// The function's own routes.
#[must_use]
pub fn own_routes() -> Routes {
    Routes::new()
        .get("/auth/scopes", list_scopes::list_scopes)
        .public()
        .get("/buildinfo", get_build_info::get_build_info)
        .public()
}

/// The routes of every function. The gateway sends here what it cannot match itself: unknown paths, wrong methods,
/// and paths that only become known once their doubled slashes are collapsed.
#[must_use]
pub fn routes() -> Routes {
    own_routes()
        .merge(roster_users::routes())
        .merge(roster_auth::routes())
        .merge(roster_keys::routes())
        .merge(roster_settings::routes())
        .merge(roster_organizations::routes())
}
