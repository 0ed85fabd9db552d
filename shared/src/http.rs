//! HTTP: requests become the arguments of use cases, and their results become answers. The middleware, the router and
//! the errors are written here once for all routes. The modules have an order without cycles, which `tests/layering.rs`
//! checks.

mod authenticate;
mod body;
mod client;
mod context;
mod cookies;
mod csrf;
mod deferred;
mod encode;
mod error;
mod fallback;
mod limits;
mod middleware;
mod params;
mod path;
mod prefetch;
pub mod query;
mod respond;
mod route;
mod router;
mod size;

pub use authenticate::{Authenticated, PrefetchedCommand, Target, UserListing};
pub use body::{Form, Json, RawBody};
pub use client::RequestOrigin;
pub use cookies::{Cookies, SetCookie};
pub use error::{ApiError, sentence};
pub use middleware::service;
pub use params::PathParams;
pub use prefetch::{
    CurrentPassword, DefaultOrganization, NamedKey, NamedMember, NamedOrganization, OwnKeys, PathPrefetch,
    StoredSettings, StoredSshKey,
};
pub use query::Query;
pub use respond::{Created, NoContent, Payload};
pub use route::{Access, BASE, LimitGroup, Refuse, Route};
pub use size::DOCUMENT_LIMIT_BYTES;
