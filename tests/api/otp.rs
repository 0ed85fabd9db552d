//! Forgotten passwords: a passcode by mail, and the one change that it is good for.

mod redeem;
mod request;
