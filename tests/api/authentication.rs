//! Authentication of a request: sources of the token, refusals, recorded uses, scopes, and protection against forged
//! requests.

mod bookkeeping;
mod csrf;
mod host_prefix;
mod refusals;
mod scopes;
mod sources;

use crate::UNKNOWN;
