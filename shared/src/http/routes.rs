//! A function's route table: what the router serves is what tests compare with the template.

use axum::Router;
use axum::extract::Extension;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, any, on};
use http::Method;

use super::error::ApiError;
use super::{fallback, limits};
use crate::app::App;
use crate::domain::audit::AuditAction;

/// The root of every route but those of pages.
pub(super) const BASE: &str = "/api/v2";

/// What lies at and below segments that are no user's, whatever the method (docs/api/conventions.md#reserved-segments),
/// unless it is a route.
const RESERVED_SEGMENTS: [&str; 4] =
    ["/users/oauth2", "/users/oauth2/", "/users/oauth2/{*rest}", "/users/roles/{*rest}"];

/// What a request's route says of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Route {
    /// The path with its parameters, relative to the API's root: says what the segments of the request's path are.
    /// Whole for pages, which have no parameters.
    pub(super) path: &'static str,
    /// Whether the stricter limit of signing in and passwords holds as well (docs/api/authentication.md#rate-limits).
    pub(super) is_of_login_group: bool,
    /// What a request does to its `{user}`, where the audit log also hears of refusals
    /// (docs/api/audit-log.md#when-a-row-is-written): of a change the handler writes the row, in the step that makes
    /// it.
    pub(super) audited: Option<AuditAction>,
}

/// How a route says that a request does not reach its handler.
pub(super) type Refuse = fn(ApiError) -> Response;

/// A route as it was declared.
#[derive(Clone)]
struct Declared {
    method: Method,
    path: String,
    route: Route,
    is_public: bool,
    refuse: Refuse,
    handler: MethodRouter<App>,
}

/// A function's routes. A route answers who is authenticated, unless it is declared [`public`](Self::public).
#[derive(Clone, Default)]
pub struct Routes(Vec<Declared>);

impl std::fmt::Debug for Routes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|declared| (&declared.method, &declared.path))).finish()
    }
}

impl Routes {
    /// No routes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers GET at `path`, which is relative to `/api/v2`.
    #[must_use]
    pub fn get<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::GET, path, path, on(MethodFilter::GET, handler))
    }

    /// Answers POST at `path`.
    #[must_use]
    pub fn post<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::POST, path, path, on(MethodFilter::POST, handler))
    }

    /// Answers PUT at `path`.
    #[must_use]
    pub fn put<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::PUT, path, path, on(MethodFilter::PUT, handler))
    }

    /// Answers DELETE at `path`.
    #[must_use]
    pub fn delete<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::DELETE, path, path, on(MethodFilter::DELETE, handler))
    }

    /// Answers GET at a static path whose last segment is a `{user}` for this method
    /// (docs/api/conventions.md#reserved-segments).
    #[must_use]
    pub fn get_user_named<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::GET, path, "/users/{user}", on(MethodFilter::GET, handler))
    }

    /// Answers DELETE at a static path whose last segment is a `{user}` for this method.
    #[must_use]
    pub fn delete_user_named<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::DELETE, path, "/users/{user}", on(MethodFilter::DELETE, handler))
    }

    /// Answers GET, and HEAD, at a path outside of the API: a page for a browser. It is [`public`](Self::public), and
    /// `refuse` makes a page of a refusal that comes before the handler.
    #[must_use]
    pub fn get_page<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H, refuse: Refuse) -> Self {
        self.page(Method::GET, path, on(MethodFilter::GET, handler), refuse)
    }

    /// Answers POST at a path outside of the API: what the form of a page sends.
    #[must_use]
    pub fn post_page<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H, refuse: Refuse) -> Self {
        self.page(Method::POST, path, on(MethodFilter::POST, handler), refuse)
    }

    /// The route before authenticates nobody (docs/api/authentication.md#public-routes): its requests are counted
    /// before its handler runs, where others are counted as they are authenticated.
    #[must_use]
    pub fn public(self) -> Self {
        self.change_last(|declared| declared.is_public = true)
    }

    /// The stricter limit of signing in and passwords holds for the route before as well
    /// (docs/api/authentication.md#rate-limits).
    #[must_use]
    pub fn of_login_group(self) -> Self {
        self.change_last(|declared| declared.route.is_of_login_group = true)
    }

    /// The audit log hears of requests to the route before that are refused once their user is found.
    #[must_use]
    pub fn audited(self, action: AuditAction) -> Self {
        self.change_last(|declared| declared.route.audited = Some(action))
    }

    fn change_last(mut self, change: impl FnOnce(&mut Declared)) -> Self {
        self.0.last_mut().map(change);
        self
    }

    fn route(mut self, method: Method, path: &'static str, means: &'static str, handler: MethodRouter<App>) -> Self {
        let route = Route { path: means, is_of_login_group: false, audited: None };
        let (path, refuse) = (format!("{BASE}{path}"), ApiError::into_response as Refuse);
        self.0.push(Declared { method, path, route, is_public: false, refuse, handler });
        self
    }

    fn page(mut self, method: Method, path: &'static str, handler: MethodRouter<App>, refuse: Refuse) -> Self {
        let route = Route { path, is_of_login_group: false, audited: None };
        self.0.push(Declared { method, path: path.to_owned(), route, is_public: true, refuse, handler });
        self
    }

    /// These routes and those of another function.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Every method and whole path.
    pub fn iter(&self) -> impl Iterator<Item = (&Method, String)> {
        self.only(|_| true)
    }

    /// Those that authenticate nobody.
    pub fn iter_public(&self) -> impl Iterator<Item = (&Method, String)> {
        self.only(|declared| declared.is_public)
    }

    /// Those that the stricter limit holds for.
    pub fn iter_login_group(&self) -> impl Iterator<Item = (&Method, String)> {
        self.only(|declared| declared.route.is_of_login_group)
    }

    fn only(&self, is_meant: fn(&Declared) -> bool) -> impl Iterator<Item = (&Method, String)> {
        let meant = self.0.iter().filter(move |declared| is_meant(declared));
        meant.map(|declared| (&declared.method, declared.path.clone()))
    }

    /// The router, with answers for whatever it does not serve. It hands every method that a known path lacks to
    /// `method_not_allowed` and lists the others in `Allow`.
    pub(super) fn into_router(self, app: App) -> Router {
        let router = self.0.into_iter().fold(Router::new(), |router, declared| {
            let Declared { path, route, is_public, refuse, handler, .. } = declared;
            let handler = if is_public {
                handler.layer(from_fn_with_state((app.clone(), refuse), limits::before_public))
            } else {
                handler
            };
            // The outermost layer: what is inside knows the route.
            router.route(&path, handler.layer(Extension(route)))
        });
        let claimed = RESERVED_SEGMENTS.into_iter().map(|path| format!("{BASE}{path}"));
        claimed
            .fold(router, |router, path| router.route(&path, any(fallback::unknown_route_of_nobody)))
            .fallback(fallback::unknown_route)
            .method_not_allowed_fallback(fallback::method_not_allowed)
            .with_state(app)
    }
}
