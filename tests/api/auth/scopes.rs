//! `GET /auth/scopes`.

use crate::cases::cases;

cases! {
    public_scopes_need_no_token: anonymous GET "/auth/scopes" => 200;
}
