//! `GET /licenses`.

use crate::cases::cases;

cases! {
    a_member_reads_that_there_are_no_licenses: member GET "/licenses" => 200;
    licenses_without_a_token_are_refused: anonymous GET "/licenses" => 401;
}
