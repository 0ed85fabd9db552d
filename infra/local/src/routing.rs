//! Finds the function of a request by the rules of an HTTP API: the best matching path that has the method, otherwise
//! `$default`.

use std::collections::HashMap;

use http::Method;
use roster::http::Route;

use crate::functions::{DEFAULT, Group, groups};

/// A route of the gateway: an operation of a function at one path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GatewayRoute {
    /// The function of the route.
    pub function: &'static str,
    /// The operation id of the route.
    pub operation: &'static str,
    /// The method.
    pub method: Method,
    /// The complete path, such as `/api/v2/users/{user}`.
    pub path: String,
}

impl GatewayRoute {
    /// The key that API Gateway gives the route, such as `GET /api/v2/users/{user}`.
    pub fn key(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Every route of the gateway except `$default`, in the order of the functions. A route key must not end in a slash: the
/// default function serves paths that do.
pub fn gateway_routes() -> Vec<GatewayRoute> {
    let groups = groups();
    let all: Vec<&Route> = groups.iter().flat_map(|group| &group.routes).collect();
    groups.iter().flat_map(|group| routes_of(group, &all)).collect()
}

fn routes_of(group: &Group, all: &[&Route]) -> Vec<GatewayRoute> {
    let at = |route: &Route, path| GatewayRoute {
        function: group.name,
        operation: route.id,
        method: route.method.clone(),
        path,
    };
    let routes = group.routes.iter().flat_map(|route| route.paths(all).into_iter().map(move |path| at(route, path)));
    routes.filter(|route| !route.path.ends_with('/')).collect()
}

/// Every route of the gateway, by path.
#[derive(Clone, Debug)]
pub struct RouteMap {
    targets: Vec<Target>,
    paths: HashMap<Method, matchit::Router<usize>>,
}

#[derive(Clone, Debug)]
struct Target {
    route_key: String,
    function: &'static str,
}

/// The result of routing a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RouteMatch<'a> {
    /// The route, such as `GET /users/{user}` or `$default`.
    pub route_key: &'a str,
    /// The function of the route.
    pub function: &'a str,
    /// The values of the path's parameters.
    pub parameters: HashMap<String, String>,
}

impl RouteMap {
    /// The map of the deployment.
    ///
    /// # Errors
    ///
    /// When two routes have the same method and path.
    pub fn of_deployment() -> Result<Self, matchit::InsertError> {
        Self::new(&gateway_routes())
    }

    /// A map of these routes.
    ///
    /// # Errors
    ///
    /// When two routes have the same method and path.
    pub fn new(routes: &[GatewayRoute]) -> Result<Self, matchit::InsertError> {
        let mut map = Self { targets: Vec::new(), paths: HashMap::new() };
        for route in routes {
            map.paths.entry(route.method.clone()).or_default().insert(&route.path, map.targets.len())?;
            map.targets.push(Target { route_key: route.key(), function: route.function });
        }
        Ok(map)
    }

    /// The route of a request, by its percent-decoded path.
    pub fn resolve(&self, method: &Method, path: &str) -> RouteMatch<'_> {
        let matched = self.paths.get(method).and_then(|paths| paths.at(path).ok());
        let found = matched.and_then(|matched| Some((self.targets.get(*matched.value)?, matched.params)));
        match found {
            Some((target, parameters)) => RouteMatch {
                route_key: &target.route_key,
                function: target.function,
                parameters: parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            },
            None => RouteMatch { route_key: "$default", function: DEFAULT, parameters: HashMap::new() },
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::{GatewayRoute, RouteMap};

    /// The function, the route key and the parameters as `name=value`, sorted.
    fn shown(method: &Method, path: &str) -> String {
        let map = RouteMap::of_deployment().unwrap();
        let found = map.resolve(method, path);
        let mut parameters: Vec<String> =
            found.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        parameters.sort();
        format!("{}: {} [{}]", found.function, found.route_key, parameters.join(" "))
    }

    #[test]
    fn a_static_path_outranks_a_parameter() {
        let shown = |path| shown(&Method::GET, path);
        assert_eq!(shown("/api/v2/users/authmethods"), "auth: GET /api/v2/users/authmethods []");
        assert_eq!(shown("/api/v2/users/bob"), "users: GET /api/v2/users/{user} [user=bob]");
        let config = "keys: GET /api/v2/users/{user}/keys/tokens/tokenconfig [user=bob]";
        assert_eq!(shown("/api/v2/users/bob/keys/tokens/tokenconfig"), config);
        let named = "keys: GET /api/v2/users/{user}/keys/tokens/{keyname} [keyname=ci user=bob]";
        assert_eq!(shown("/api/v2/users/bob/keys/tokens/ci"), named);
        let key = "keys: GET /api/v2/users/{user}/keys/{keyid} [keyid=k user=bob]";
        assert_eq!(shown("/api/v2/users/bob/keys/k"), key);
    }

    #[test]
    fn the_methods_of_a_path_may_have_different_functions() {
        assert_eq!(shown(&Method::POST, "/api/v2/users/login"), "auth: POST /api/v2/users/login []");
        assert_eq!(shown(&Method::GET, "/api/v2/users/login"), "users: GET /api/v2/users/login []");
    }

    #[test]
    fn a_method_that_a_static_path_lacks_matches_the_parameter() {
        let route =
            |function, method, path: &str| GatewayRoute { function, operation: "test", method, path: path.to_owned() };
        let routes = [route("auth", Method::POST, "/users/login"), route("users", Method::GET, "/users/{user}")];
        let map = RouteMap::new(&routes).unwrap();
        let found = map.resolve(&Method::GET, "/users/login");
        assert_eq!((found.function, found.parameters["user"].as_str()), ("users", "login"));
        assert_eq!(map.resolve(&Method::PUT, "/users/login").route_key, "$default");
    }

    #[test]
    fn two_routes_of_one_method_and_path_are_refused() {
        let route =
            GatewayRoute { function: "users", operation: "test", method: Method::GET, path: "/users".to_owned() };
        assert!(RouteMap::new(&[route.clone(), route]).is_err());
    }

    #[test]
    fn other_requests_take_the_default_route() {
        let default = "platform: $default []";
        for (method, path) in [
            (Method::GET, "/"),
            (Method::GET, "/api/v2/"),
            (Method::GET, "/api/v2/unknown"),
            (Method::PUT, "/api/v2/users"),
            (Method::GET, "/api/v2/users/"),
            (Method::GET, "/api/v2/users/bob/"),
            (Method::GET, "/api/v2//users"),
            (Method::PUT, "/api/v2/users/bob/unknown"),
            (Method::HEAD, "/api/v2/users"),
            (Method::OPTIONS, "/api/v2/users/bob"),
            (Method::from_bytes(b"PURGE").unwrap(), "/api/v2/users"),
        ] {
            assert_eq!(shown(&method, path), default, "{method} {path}");
        }
    }
}
