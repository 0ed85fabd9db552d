//! The router table of `cargo lambda watch`. That router chooses the path before the method and fails when the path
//! lacks the method, so every path lists the function of each method by the rules of the gateway.

use std::collections::BTreeSet;
use std::fmt::Write;

use http::Method;

use crate::routing::{RouteMap, gateway_routes};

const METHODS: [Method; 5] = [Method::DELETE, Method::GET, Method::PATCH, Method::POST, Method::PUT];

/// The patterns for `$default`: the root, and every path without a pattern of its own.
const DEFAULT_PATTERNS: [&str; 2] = ["/", "/{*path}"];

/// The table in the manifest of the workspace, from its header to its last line.
///
/// # Errors
///
/// When two routes have the same method and path.
pub fn router_table() -> Result<String, matchit::InsertError> {
    let routes = gateway_routes();
    let map = RouteMap::new(&routes)?;
    let paths: BTreeSet<&str> = routes.iter().map(|route| route.path.as_str()).chain(DEFAULT_PATTERNS).collect();
    let mut table = "[workspace.metadata.lambda.watch.router]\n".to_owned();
    for path in paths {
        let _infallible = writeln!(table, "{path:?} = {}", targets(&map, path));
    }
    Ok(table)
}

/// `"users"` when one function has every method, otherwise one entry for each method. A pattern is resolved as a path
/// whose parameters are their own names.
fn targets(map: &RouteMap, path: &str) -> String {
    let resolved: Vec<(&Method, &str)> =
        METHODS.iter().map(|method| (method, map.resolve(method, path).function)).collect();
    match resolved.as_slice() {
        [(_, first), rest @ ..] if rest.iter().all(|(_, function)| function == first) => format!("{first:?}"),
        _ => {
            let entry =
                |(method, function): &(&Method, &str)| format!("{{ method = \"{method}\", function = {function:?} }}");
            format!("[{}]", resolved.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::router_table;

    fn table() -> String {
        router_table().unwrap()
    }

    #[test]
    fn a_static_path_lists_the_functions_of_methods_that_it_shadows() {
        let methods =
            [("DELETE", "users"), ("GET", "users"), ("PATCH", "platform"), ("POST", "auth"), ("PUT", "platform")];
        let entry = |(method, function)| format!("{{ method = \"{method}\", function = \"{function}\" }}");
        let login = format!("\n\"/api/v2/users/login\" = [{}]\n", methods.map(entry).join(", "));
        assert!(table().contains(&login), "{}", table());
    }

    #[test]
    fn the_router_accepts_the_table() {
        let table = table();
        let paths = table.lines().skip(1).filter_map(|line| line.strip_prefix('"')?.split_once('"'));
        let mut router = matchit::Router::new();
        for (path, _) in paths {
            router.insert(path, ()).unwrap();
        }
        assert!(router.at("/api/v2/users/bob/").is_ok_and(|matched| matched.params.get("path").is_some()));
    }

    #[test]
    fn every_other_path_goes_to_the_default_route() {
        let table = table();
        assert!(table.contains("\n\"/\" = \"platform\"\n"));
        assert!(table.contains("\n\"/{*path}\" = \"platform\"\n"));
    }

    #[test]
    fn the_manifest_has_this_table() {
        let manifest = include_str!("../../../Cargo.toml");
        assert!(manifest.contains(&table()), "the manifest should say:\n{}", table());
    }
}
