//! `GET /users/roles`.

use crate::cases::cases;

cases! {
    a_member_reads_the_site_roles: member GET "/users/roles" => 200;
    a_user_admin_reads_the_site_roles: user_admin GET "/users/roles" => 200;
    an_owner_reads_the_site_roles: owner GET "/users/roles" => 200;
    site_roles_without_a_token_are_refused: anonymous GET "/users/roles" => 401;
}
