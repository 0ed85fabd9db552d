//! The edge: from an HTTP request to a use case's arguments, and from its outcome to a response. Everything that
//! is the same for every route (headers, cookies, CSRF, logs, unknown routes) happens here, once.

mod client;
mod cookies;
mod csrf;
mod error;
mod extract;
mod fallback;
mod limits;
mod middleware;
pub mod query;
mod request;
mod response;
mod routes;
mod size;

pub use cookies::{clear_session_cookie, conversion_cookie, session_cookie};
pub use error::{ApiError, sentence};
pub use extract::{
    Authenticated, Form, Json, Nothing, OwnKeys, PathParams, PrefetchFor, PrefetchedCommand, RawBody, RequestOrigin,
    Target, UserListing, WithDefaultOrganization, WithPassword, WithSettings, WithSshKey,
};
pub use middleware::service;
pub use query::Query;
pub use response::{Created, NoContent, Payload};
pub use routes::Routes;
pub use size::DOCUMENT_LIMIT_BYTES;
