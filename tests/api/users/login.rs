//! `POST /users/login`.

mod lockout;
mod refused;
mod rehash;
mod success;
