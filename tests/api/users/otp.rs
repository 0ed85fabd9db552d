//! Forgotten passwords: a passcode by mail, and the password change that it allows once.

mod change_password;
mod request;
