//! `/users/{user}/keys/{keyid}`.

mod end;
mod read;
