//! Users: the first one, creation, the list, one of them, profile, roles, status and deletion.

mod create;
mod delete;
mod first;
mod list;
mod profile;
mod read;
mod roles;
mod status;
