//! Values of user management and their rules. The code is pure: it uses no HTTP, no AWS and no clock.

pub mod api_key;
pub mod audit;
pub mod facet;
pub mod ids;
pub mod names;
pub mod organization;
pub mod outbox;
pub mod pagination;
pub mod rate_limit;
pub mod settings;
pub mod status_history;
pub mod text;
pub mod time;
pub mod user;
pub(crate) mod wire_names;
