//! How a request is authenticated: where the token may be, what is refused and in which words, what a use leaves behind,
//! what scopes allow, and what a browser has to prove.

mod bookkeeping;
mod csrf;
mod host_prefix;
mod refusals;
mod scopes;
mod sources;

use crate::UNKNOWN;
