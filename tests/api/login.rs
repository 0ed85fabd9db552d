//! Signing in with a password, signing out, and what is known before either.

mod good;
mod lockout;
mod logout;
mod methods;
mod refused;
mod rehash;
mod validate_password;
