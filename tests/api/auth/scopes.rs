//! `GET /auth/scopes`.

use crate::cases::cases;

cases! {
    the_public_scopes_are_listed_without_a_token: anonymous GET "/auth/scopes" => 200;
}
