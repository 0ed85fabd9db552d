//! Which route a request takes, by the rules of an HTTP API: the best path that has the method, then `$default`. A method
//! that the best path lacks goes on to the next best.

use std::collections::HashMap;

use http::Method;

use crate::template::{Function, Route, TemplateError};

/// Every route of the API.
#[derive(Clone, Debug, Default)]
pub struct RouteMap {
    targets: Vec<Target>,
    paths: HashMap<Method, matchit::Router<usize>>,
    default: Option<usize>,
}

#[derive(Clone, Debug)]
struct Target {
    route_key: String,
    function: String,
}

/// Where a request goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RouteMatch<'a> {
    /// The route, such as `GET /users/{user}` or `$default`.
    pub route_key: &'a str,
    /// The function behind it.
    pub function: &'a str,
    /// What the path's parameters stand for.
    pub parameters: HashMap<String, String>,
}

impl RouteMap {
    /// The routes of these functions. Fails when two are the same.
    pub(crate) fn new(functions: &[Function]) -> Result<Self, TemplateError> {
        let mut map = Self::default();
        for function in functions {
            for route in &function.routes {
                map.insert(&function.name, route)?;
            }
        }
        Ok(map)
    }

    fn insert(&mut self, function: &str, route: &Route) -> Result<(), TemplateError> {
        let target = self.targets.len();
        let route_key = match route {
            Route::Default => {
                self.default = Some(target);
                "$default".to_owned()
            }
            Route::Path { method, path } => {
                let key = format!("{method} {path}");
                let inserted = self.paths.entry(method.clone()).or_default().insert(path, target);
                inserted.map_err(|error| TemplateError::Unsupported {
                    place: format!("route {key}"),
                    problem: error.to_string(),
                })?;
                key
            }
        };
        self.targets.push(Target { route_key, function: function.to_owned() });
        Ok(())
    }

    /// The route of a request, by its percent-decoded path; `None` when there is none and no `$default` either.
    #[must_use]
    pub fn resolve(&self, method: &Method, path: &str) -> Option<RouteMatch<'_>> {
        let matched = self.paths.get(method).and_then(|paths| paths.at(path).ok());
        let (target, parameters) = match matched {
            Some(matched) => {
                let parameters = matched.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
                (*matched.value, parameters.collect())
            }
            None => (self.default?, HashMap::new()),
        };
        let target = self.targets.get(target)?;
        Some(RouteMatch { route_key: &target.route_key, function: &target.function, parameters })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use http::Method;

    use super::{RouteMap, RouteMatch};
    use crate::template::{Function, Route, Template};

    fn resolve<'a>(map: &'a RouteMap, method: &Method, path: &str) -> RouteMatch<'a> {
        map.resolve(method, path).unwrap()
    }

    /// The function, the route key and the parameters as `name=value`, sorted.
    fn shown(method: &Method, path: &str) -> String {
        let template = Template::bundled().unwrap();
        let found = resolve(template.routes(), method, path);
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
    fn one_path_may_lead_to_two_functions_by_its_method() {
        assert_eq!(shown(&Method::POST, "/api/v2/users/login"), "auth: POST /api/v2/users/login []");
        assert_eq!(shown(&Method::GET, "/api/v2/users/login"), "users: GET /api/v2/users/login []");
    }

    #[test]
    fn a_method_that_a_static_path_lacks_goes_on_to_the_parameter() {
        let only_post = Function {
            name: "auth".to_owned(),
            routes: vec![Route::Path { method: Method::POST, path: "/users/login".to_owned() }],
            schedules: Vec::new(),
            streams: Vec::new(),
            permissions: Vec::new(),
        };
        let by_name = Function {
            name: "users".to_owned(),
            routes: vec![Route::Path { method: Method::GET, path: "/users/{user}".to_owned() }],
            ..only_post.clone()
        };
        let map = RouteMap::new(&[only_post, by_name]).unwrap();
        let found = resolve(&map, &Method::GET, "/users/login");
        assert_eq!((found.function, found.parameters["user"].as_str()), ("users", "login"));
        assert_eq!(map.resolve(&Method::PUT, "/users/login"), None);
    }

    #[test]
    fn everything_else_takes_the_default_route() {
        let default = "platform: $default []";
        for (method, path) in [
            (Method::GET, "/"),
            (Method::GET, "/api/v2"),
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
