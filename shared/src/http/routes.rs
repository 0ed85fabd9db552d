//! A function's route table: what the router serves is what tests compare with the template.

use axum::Router;
use axum::extract::Extension;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;

use super::fallback;
use crate::runtime::App;

/// The root of every route but those of pages.
pub(super) const BASE: &str = "/api/v2";

/// The path of a route with its parameters, relative to the API's root: says what the segments of a request's path are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct RoutePath(pub(super) &'static str);

/// A function's routes.
#[derive(Clone, Default)]
pub struct Routes {
    table: Vec<(Method, String)>,
    router: Router<App>,
}

impl std::fmt::Debug for Routes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.table).finish()
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

    /// Answers GET at a static path whose last segment is a `{user}` for this method (Spec: users 1.1).
    #[must_use]
    pub fn get_user_named<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::GET, path, "/users/{user}", on(MethodFilter::GET, handler))
    }

    /// Answers DELETE at a static path whose last segment is a `{user}` for this method.
    #[must_use]
    pub fn delete_user_named<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.route(Method::DELETE, path, "/users/{user}", on(MethodFilter::DELETE, handler))
    }

    /// Answers GET, and HEAD, at a path outside of the API: a page for a browser.
    #[must_use]
    pub fn get_page<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.place(Method::GET, path.to_owned(), path, on(MethodFilter::GET, handler))
    }

    /// Answers POST at a path outside of the API: what the form of a page sends.
    #[must_use]
    pub fn post_page<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.place(Method::POST, path.to_owned(), path, on(MethodFilter::POST, handler))
    }

    fn route(self, method: Method, path: &'static str, means: &'static str, handler: MethodRouter<App>) -> Self {
        self.place(method, format!("{BASE}{path}"), means, handler)
    }

    fn place(mut self, method: Method, path: String, means: &'static str, handler: MethodRouter<App>) -> Self {
        self.router = self.router.route(&path, handler.layer(Extension(RoutePath(means))));
        self.table.push((method, path));
        self
    }

    /// These routes and those of another function.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.table.extend(other.table);
        self.router = self.router.merge(other.router);
        self
    }

    /// Every method and whole path.
    pub fn iter(&self) -> impl Iterator<Item = (&Method, String)> {
        self.table.iter().map(|(method, path)| (method, path.clone()))
    }

    /// The router, with answers for whatever it does not serve. It hands every method that a known path lacks to
    /// `method_not_allowed` and lists the others in `Allow`.
    pub(super) fn into_router(self, app: App) -> Router {
        self.router
            .fallback(fallback::unknown_route)
            .method_not_allowed_fallback(fallback::method_not_allowed)
            .with_state(app)
    }
}
