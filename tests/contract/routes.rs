//! Artefacts generated from the route table are up to date: the events of the template and the router of
//! `cargo lambda watch`.

use std::collections::BTreeSet;

use roster::http::Route;
use roster_local::{DEFAULT, RouteMap, gateway_routes, groups, router_table};

const TEMPLATE: &str = include_str!("../../infra/template.yaml");

#[test]
fn the_template_has_an_event_for_every_route_and_no_other_event() {
    let wanted: BTreeSet<String> =
        gateway_routes().iter().map(|route| format!("Method: {}, Path: \"{}\"", route.method, route.path)).collect();
    let events = TEMPLATE.lines().filter(|line| line.contains("Type: HttpApi") && !line.contains("$default"));
    let events = events.filter_map(|line| Some(line[line.find("Method: ")?..].trim_end_matches([' ', '}']).to_owned()));
    assert_eq!(events.collect::<BTreeSet<String>>(), wanted);
}

#[test]
fn the_platform_function_serves_the_routes_of_every_function() {
    let named = |routes: Vec<Route>| routes.iter().map(|route| route.id).collect::<BTreeSet<_>>();
    let all = groups().into_iter().flat_map(|group| named(group.routes)).collect::<BTreeSet<_>>();
    assert_eq!(named(roster_platform::routes()), all);
}

#[test]
fn a_path_with_a_trailing_slash_goes_to_the_default_function() {
    let map = RouteMap::of_deployment().expect("every route is declared once");
    for path in ["/api/v2/users/", "/api/v2/users/ada/"] {
        let found = map.resolve(&http::Method::GET, path);
        assert_eq!((found.function, found.route_key), (DEFAULT, "$default"), "{path}");
    }
}

#[test]
fn the_manifest_has_the_router_table() {
    let manifest = include_str!("../../Cargo.toml");
    assert!(manifest.contains(&router_table().expect("every route is declared once")));
}

#[test]
fn operation_ids_are_unique() {
    let routes = roster_platform::routes();
    let ids: BTreeSet<&str> = routes.iter().map(|route| route.id).collect();
    assert_eq!(ids.len(), routes.len());
}
