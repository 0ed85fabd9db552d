//! `GET /experiments` and `GET /experiments/available`.

use crate::cases::cases;

cases! {
    a_member_reads_the_enabled_experiments: member GET "/experiments" => 200;
    a_member_reads_the_available_experiments: member GET "/experiments/available" => 200;
    enabled_experiments_without_a_token_are_refused: anonymous GET "/experiments" => 401;
    available_experiments_without_a_token_are_refused: anonymous GET "/experiments/available" => 401;
}
