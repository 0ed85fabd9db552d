//! Three tables of routes that must be one: the template's, the routers', and the one of `cargo lambda watch`.

use std::collections::BTreeSet;

use roster::http::Route as Declared;
use roster_local::Template;
use roster_local::router_table;
use roster_local::template::{Function, Route};

/// What the router of a function answers, by the name of its binary; `None` when it has no router.
fn routes_of(function: &str) -> Option<Vec<Declared>> {
    Some(match function {
        "users" => roster_users::routes(),
        "auth" => roster_auth::routes(),
        "sso" => roster_sso::routes(),
        "keys" => roster_keys::routes(),
        "settings" => roster_settings::routes(),
        "organizations" => roster_organizations::routes(),
        "platform" => roster_platform::own_routes(),
        _ => return None,
    })
}

fn template() -> Template {
    Template::bundled().expect("the template can be read")
}

fn declared(function: &Function) -> BTreeSet<String> {
    let paths = function.routes.iter().filter_map(|route| match route {
        Route::Path { method, path } => Some(format!("{method} {path}")),
        Route::Default => None,
    });
    paths.collect()
}

/// What a function serves. What its router answers depends on the other functions' routes.
fn served(routes: &[Declared]) -> BTreeSet<String> {
    let every = roster_platform::routes();
    let all: Vec<&Declared> = every.iter().collect();
    let served =
        routes.iter().flat_map(|route| route.paths(&all).into_iter().map(|path| format!("{} {path}", route.method)));
    served.collect()
}

/// A route key of an HTTP API must not end in a slash: such requests take `$default`, so that `platform` serves them.
fn fits_a_route_key(route: &str) -> bool {
    !route.ends_with('/')
}

#[test]
fn every_function_serves_what_the_template_sends_it_and_nothing_else() {
    for function in &template().functions {
        let routes = routes_of(&function.name).unwrap_or_default();
        let served: BTreeSet<String> = served(&routes).into_iter().filter(|route| fits_a_route_key(route)).collect();
        assert_eq!(declared(function), served, "{}", function.name);
    }
}

#[test]
fn every_function_with_a_router_is_in_the_template() {
    for name in ["users", "auth", "sso", "keys", "settings", "organizations", "platform"] {
        assert!(routes_of(name).is_some(), "{name}");
        assert!(template().function(name).is_some_and(|function| !function.routes.is_empty()), "{name}");
    }
}

#[test]
fn the_platform_function_serves_every_route_and_is_the_default() {
    let template = template();
    let functions = template.functions.iter().filter_map(|function| routes_of(&function.name));
    let all: BTreeSet<String> = functions.flat_map(|routes| served(&routes)).collect();
    assert_eq!(served(&roster_platform::routes()), all);
    let defaults = template.functions.iter().filter(|function| function.routes.contains(&Route::Default));
    let defaults: Vec<&str> = defaults.map(|function| function.name.as_str()).collect();
    assert_eq!(defaults, ["platform"]);
}

#[test]
fn what_the_template_lacks_ends_in_a_slash_and_goes_to_the_platform_function() {
    let template = template();
    let lacking: Vec<String> =
        served(&roster_platform::routes()).into_iter().filter(|route| !fits_a_route_key(route)).collect();
    assert!(lacking.contains(&"GET /api/v2/users/".to_owned()), "{lacking:?}");
    for route in lacking {
        let (method, path) = route.split_once(' ').expect("a route has a method and a path");
        let method = method.parse().expect("a route has a known method");
        let found = template.routes().resolve(&method, path).expect("there is a default route");
        assert_eq!((found.function, found.route_key), ("platform", "$default"), "{route}");
    }
}

#[test]
fn the_manifest_sends_requests_where_the_template_does() {
    let manifest = include_str!("../../Cargo.toml");
    let header = "[workspace.metadata.lambda.watch.router]";
    let begin = manifest.find(header).expect("the manifest has a router table");
    let table = manifest[begin..].lines().take_while(|line| !line.starts_with('#')).map(|line| format!("{line}\n"));
    assert_eq!(table.collect::<String>(), router_table(&template()));
}
