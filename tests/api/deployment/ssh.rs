//! `GET /deployment/ssh`.

use crate::cases::cases;

cases! {
    a_member_reads_the_ssh_settings: member GET "/deployment/ssh" => 200;
    ssh_settings_without_a_token_are_refused: anonymous GET "/deployment/ssh" => 401;
}
