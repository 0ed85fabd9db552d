//! From a list of routes to the router that serves them.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Extension, Request, State};
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, any};

use super::route::{Access, BASE, MatchedRoute, Route, is_reserved, names_user, reserved_patterns};
use super::{fallback, limits};
use crate::app::App;

/// The router, with answers for every path and method that has no route.
pub(super) fn router(routes: &[Route], app: App) -> Router {
    let all: Vec<&Route> = routes.iter().collect();
    let mut by_path: BTreeMap<String, (MethodRouter<App>, Vec<&Route>)> = BTreeMap::new();
    for route in routes {
        for path in route.paths(&all) {
            let (methods, at_path) = by_path.entry(path).or_default();
            *methods = std::mem::take(methods).merge(handler(route, &app));
            at_path.push(route);
        }
    }
    let mut served = Router::new();
    for path in reserved_patterns().filter(|path| !by_path.contains_key(path)) {
        served = served.route(&path, any(fallback::unknown_reserved_route));
    }
    for (path, (methods, at_path)) in by_path {
        served = served.route(&path, with_fallback(methods, &path, &at_path));
    }
    served.fallback(fallback::unknown_route).with_state(app)
}

/// Adds the answer for methods that no route of a path has.
fn with_fallback(methods: MethodRouter<App>, path: &str, routes: &[&Route]) -> MethodRouter<App> {
    if routes.iter().any(|route| route.has_unknown_methods) {
        return methods.fallback(fallback::unknown_route);
    }
    // At a static path, the last segment is a user for the methods that the path lacks, unless the path is reserved.
    let path = path.strip_prefix(BASE).unwrap_or_default();
    let is_public = routes.iter().all(|route| route.access == Access::Public);
    let needs_token = names_user(path) && !(is_reserved(path) && is_public);
    methods.fallback(move |State(app): State<App>, request: Request| {
        fallback::method_not_allowed(app, request, needs_token)
    })
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
    handler.layer(Extension(MatchedRoute {
        path: route.path,
        limit: route.limit,
        audited: route.audited,
        success: route.success,
    }))
}
