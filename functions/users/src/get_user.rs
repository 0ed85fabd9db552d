//! `GET /api/v2/users/{user}`: one user.

use roster::api::users::User;
use roster::http::{Payload, Target};

/// The user of the path. A deleted user is found by id only.
pub(crate) async fn get_user(Target { caller, user, .. }: Target) -> Payload<User> {
    let is_oneself = user.id == caller.user.id;
    Payload(if is_oneself { User::oneself(user) } else { user.into() })
}
