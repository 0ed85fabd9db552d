//! Everything behind `GET /users?q=`: the filter language, the plan of where an answer is read, and the index of all
//! users that answers what the table has no list for. Who may search is decided by the caller of this module.

mod error;
pub mod filter;
mod index;
mod indexed_users;
mod plan;
mod query;
mod summary;

pub use error::SearchError;
pub use index::UserIndex;
pub use indexed_users::IndexedUsers;
pub use plan::{Plan, ReadableUsers};
pub use query::{UserQuery, Window};
pub use summary::{UserPage, UserSummary};
