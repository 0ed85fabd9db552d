//! Forgotten passwords: a passcode by mail, and the one change that it is good for.

mod change_password;
mod request;
