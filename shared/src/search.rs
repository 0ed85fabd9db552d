//! Everything behind `GET /users?q=`: the filter language and the index of all users that answers it.

pub mod filter;
pub mod index;
