//! One endpoint of the API, declared once. The router, the gateway's events, local mode and the tables of the
//! documentation are derived from these declarations.

use axum::handler::Handler;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use http::{Method, StatusCode};

use super::error::ApiError;
use crate::app::App;
use crate::domain::audit::AuditAction;

/// The root of every route except pages.
pub const BASE: &str = "/api/v2";

/// What follows here names a user, also at a static path, for the methods that this path lacks. Unknown paths and methods
/// below a user are answered only to valid tokens. See docs/api/conventions.md#reserved-segments.
const USERS: &str = "/users/";

/// Paths below [`BASE`] whose last segment is never the value of a parameter, for any method. The same holds for every
/// path below them. See docs/api/conventions.md#reserved-segments.
const RESERVED_PATHS: [&str; 2] = ["/users/oauth2", "/users/roles"];

/// Who may call a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Requests without a token too. See
    /// docs/api/authentication.md#public-routes.
    Public,
    /// Requests with a valid token. The handler authenticates them through its arguments.
    Session,
    /// A browser without a token. The path is not below the root of the API.
    Page,
}

/// Which rate limits hold for a route: docs/api/authentication.md#rate-limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LimitGroup {
    /// The limit that holds for every route.
    Api,
    /// Also the stricter limit of sign-in and passwords.
    Login,
}

/// Renders an error that occurs before the handler runs.
pub type Refuse = fn(ApiError) -> Response;

/// A method at a path, with everything that differs between routes.
#[derive(Clone)]
pub struct Route {
    /// The operation id: unique, in kebab case.
    pub id: &'static str,
    /// The method.
    pub method: Method,
    /// The path with its parameters: relative to [`BASE`], or complete for a page.
    pub path: &'static str,
    /// What the route does, in a few words.
    pub summary: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Which rate limits hold.
    pub limit: LimitGroup,
    /// Whether a session cookie needs no CSRF token at this path, because no handler reads the cookie.
    pub is_csrf_exempt: bool,
    /// The action of the audit entry for a request that is refused after its `{user}` was found. See
    /// docs/api/audit-log.md#when-an-entry-is-written.
    pub audited: Option<AuditAction>,
    /// Whether the path with a slash at its end is served too.
    pub has_trailing_slash: bool,
    /// Whether other methods are answered as if the path were unknown, instead of with 405.
    pub has_unknown_methods: bool,
    /// The type of the request body.
    pub request: Option<&'static str>,
    /// The type of the response body.
    pub response: Option<&'static str>,
    /// The status of a success.
    pub success: StatusCode,
    pub(super) handler: MethodRouter<App>,
    pub(super) refuse: Refuse,
}

/// What the route of a request says about it. Handlers and the code around them find it in the request's extensions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct MatchedRoute {
    /// The path with its parameters, as in [`Route::path`].
    pub(super) path: &'static str,
    /// Which rate limits hold.
    pub(super) limit: LimitGroup,
    /// As in [`Route::audited`].
    pub(super) audited: Option<AuditAction>,
    /// As in [`Route::success`].
    pub(super) success: StatusCode,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({})", self.method, self.full_path(), self.id)
    }
}

impl Route {
    fn new(id: &'static str, method: Method, path: &'static str, handler: MethodRouter<App>) -> Self {
        Self {
            id,
            method,
            path,
            summary: "",
            access: Access::Session,
            limit: LimitGroup::Api,
            is_csrf_exempt: false,
            audited: None,
            has_trailing_slash: false,
            has_unknown_methods: false,
            request: None,
            response: None,
            success: StatusCode::OK,
            handler,
            refuse: ApiError::into_response,
        }
    }

    /// The operation `id` at GET `path`.
    pub fn get<H: Handler<T, App>, T: 'static>(id: &'static str, path: &'static str, handler: H) -> Self {
        Self::new(id, Method::GET, path, on(MethodFilter::GET, handler))
    }

    /// The operation `id` at POST `path`.
    pub fn post<H: Handler<T, App>, T: 'static>(id: &'static str, path: &'static str, handler: H) -> Self {
        Self::new(id, Method::POST, path, on(MethodFilter::POST, handler))
    }

    /// The operation `id` at PUT `path`.
    pub fn put<H: Handler<T, App>, T: 'static>(id: &'static str, path: &'static str, handler: H) -> Self {
        Self::new(id, Method::PUT, path, on(MethodFilter::PUT, handler))
    }

    /// The operation `id` at DELETE `path`.
    pub fn delete<H: Handler<T, App>, T: 'static>(id: &'static str, path: &'static str, handler: H) -> Self {
        Self::new(id, Method::DELETE, path, on(MethodFilter::DELETE, handler))
    }

    /// Sets the summary.
    #[must_use]
    pub fn summary(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }

    /// Lets requests without a token pass. They are counted before the handler runs; others are counted when they are
    /// authenticated.
    #[must_use]
    pub fn public(self) -> Self {
        Self { access: Access::Public, ..self }
    }

    /// Makes the route a page outside of the API, which is public, and answers HEAD like GET. `refuse` renders an error
    /// that occurs before the handler runs.
    #[must_use]
    pub fn page(self, refuse: Refuse) -> Self {
        Self { access: Access::Page, refuse, ..self }
    }

    /// Applies the stricter limit of sign-in and passwords too.
    #[must_use]
    pub fn login_limit(self) -> Self {
        Self { limit: LimitGroup::Login, ..self }
    }

    /// Accepts a session cookie without a CSRF token. Only for routes that do not read the cookie.
    #[must_use]
    pub fn csrf_exempt(self) -> Self {
        Self { is_csrf_exempt: true, ..self }
    }

    /// Writes refused requests to the audit log as attempts of `action`.
    #[must_use]
    pub fn audited(self, action: AuditAction) -> Self {
        Self { audited: Some(action), ..self }
    }

    /// Serves the path with a slash at its end too.
    #[must_use]
    pub fn trailing_slash(self) -> Self {
        Self { has_trailing_slash: true, ..self }
    }

    /// Answers other methods as if the path were unknown: a segment of the path is the value of a parameter then, and no
    /// route has such a path.
    #[must_use]
    pub fn unknown_methods(self) -> Self {
        Self { has_unknown_methods: true, ..self }
    }

    /// Names the type of the request body.
    #[must_use]
    pub fn request<T: ?Sized>(self) -> Self {
        Self { request: Some(std::any::type_name::<T>()), ..self }
    }

    /// Names the type of the response body.
    #[must_use]
    pub fn response<T: ?Sized>(self) -> Self {
        Self { response: Some(std::any::type_name::<T>()), ..self }
    }

    /// Sets the status of a success to 201; it is 200 unless set.
    #[must_use]
    pub fn created(self) -> Self {
        Self { success: StatusCode::CREATED, ..self }
    }

    /// Sets the status of a success to 204.
    #[must_use]
    pub fn no_content(self) -> Self {
        Self { success: StatusCode::NO_CONTENT, ..self }
    }

    /// The path from the root of the server.
    pub fn full_path(&self) -> String {
        self.complete(self.path)
    }

    fn complete(&self, path: &str) -> String {
        if self.access == Access::Page { path.to_owned() } else { format!("{BASE}{path}") }
    }

    /// Every complete path at which this route answers in a router of `all` routes: its own, and each static path that
    /// this route's parameters match and that lacks the method. `GET /users/login` is the user `login`, since only POST
    /// is a route of that path. Routers that choose the path before the method do not find this by themselves.
    pub fn paths(&self, all: &[&Self]) -> Vec<String> {
        let mut paths = vec![self.full_path()];
        for path in all.iter().map(|route| route.path).filter(|path| self.matches_static(path)) {
            let has_method = all.iter().any(|route| route.path == path && route.method == self.method);
            let path = self.complete(path);
            if !has_method && !paths.contains(&path) {
                paths.push(path);
            }
        }
        if self.has_trailing_slash {
            paths.push(self.full_path() + "/");
        }
        paths
    }

    /// Whether `path` has no parameters, is not reserved, and is one of those that this route's parameters stand for.
    fn matches_static(&self, path: &str) -> bool {
        let is_matched = self.path.split('/').count() == path.split('/').count()
            && self.path.split('/').zip(path.split('/')).all(|(own, other)| own == other || own.starts_with('{'));
        is_matched && self.path != path && !path.contains('{') && !is_reserved(path)
    }
}

/// Whether a path below [`BASE`] names a user.
pub(super) fn names_user(path: &str) -> bool {
    path.strip_prefix(USERS).is_some_and(|user| !user.is_empty())
}

/// Whether a path below [`BASE`] goes on after the name of a user.
pub(super) fn is_below_user(path: &str) -> bool {
    let rest = path.strip_prefix(USERS).and_then(|rest| rest.split_once('/'));
    rest.is_some_and(|(user, rest)| !user.is_empty() && !rest.is_empty())
}

/// Whether a path below [`BASE`] is reserved.
pub(super) fn is_reserved(path: &str) -> bool {
    let rests = RESERVED_PATHS.iter().filter_map(|reserved| path.strip_prefix(reserved));
    rests.into_iter().any(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Patterns that match every reserved path, complete.
pub(super) fn reserved_patterns() -> impl Iterator<Item = String> {
    RESERVED_PATHS.iter().flat_map(|path| ["", "/", "/{*rest}"].map(|rest| format!("{BASE}{path}{rest}")))
}

#[cfg(test)]
mod tests {
    use super::Route;

    async fn handler() {}

    #[test]
    fn a_parameter_stands_for_a_static_sibling_that_lacks_the_method() {
        let by_name = Route::get("get-user", "/users/{user}", handler).trailing_slash();
        let others = [
            Route::post("login", "/users/login", handler),
            Route::get("get-first-user", "/users/first", handler),
            Route::post("create-first-user", "/users/first", handler),
            Route::post("list-roles", "/users/roles", handler),
            Route::post("create-key", "/users/{user}/keys", handler),
            Route::get("get-key", "/users/{user}/keys/{keyid}", handler),
        ];
        let all: Vec<&Route> = others.iter().chain([&by_name]).collect();
        let paths = ["/api/v2/users/{user}", "/api/v2/users/login", "/api/v2/users/{user}/"];
        assert_eq!(by_name.paths(&all), paths);
        assert_eq!(others[0].paths(&all), ["/api/v2/users/login"]);
    }
}
