//! All settings of a user: `/users/{user}/appearance`, `…/preferences` and `…/autofill-parameters`.

mod concurrent;
mod roles;
