//! Values of user management and their rules. Knows no HTTP, no AWS and no clock.

pub mod api_key;
pub mod directory;
pub mod ids;
pub mod names;
pub mod organization;
pub mod pagination;
pub mod rate_limit;
pub mod settings;
pub mod time;
pub mod user;
pub mod user_filter;
