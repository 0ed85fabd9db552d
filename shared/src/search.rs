//! The search behind `GET /users?q=`: the filter language, the plan that chooses where to read an answer, and the index
//! of all users for queries that no list of the table can answer. The caller of this module checks permissions.

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
