//! From a list of routes to the router that serves them.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::Extension;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, any};

use super::route::{Access, MatchedRoute, Route, reserved_patterns};
use super::{fallback, limits};
use crate::app::App;

/// The router, with answers for every path and method that has no route.
pub(super) fn router(routes: &[Route], app: App) -> Router {
    let all: Vec<&Route> = routes.iter().collect();
    let mut by_path: BTreeMap<String, MethodRouter<App>> = BTreeMap::new();
    for route in routes {
        for path in route.paths(&all) {
            let methods = by_path.remove(&path).unwrap_or_default();
            by_path.insert(path, methods.merge(handler(route, &app)));
        }
    }
    for path in reserved_patterns() {
        by_path.entry(path).or_insert_with(|| any(fallback::unknown_route_of_nobody));
    }
    let router = by_path.into_iter().fold(Router::new(), |router, (path, methods)| router.route(&path, methods));
    router.fallback(fallback::unknown_route).method_not_allowed_fallback(fallback::method_not_allowed).with_state(app)
}

fn handler(route: &Route, app: &App) -> MethodRouter<App> {
    let handler = route.handler.clone();
    let handler = match route.access {
        Access::Session => handler,
        Access::Public | Access::Page => {
            handler.layer(from_fn_with_state((app.clone(), route.refuse), limits::before_public))
        }
    };
    // The outermost layer, so that the layers inside it see the route.
    handler.layer(Extension(MatchedRoute { path: route.path, limit: route.limit, audited: route.audited }))
}
