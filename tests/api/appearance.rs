//! `GET /appearance`: the branding of the deployment.

use crate::cases::cases;

cases! {
    a_member_reads_the_appearance_of_the_deployment: member GET "/appearance" => 200;
    the_appearance_without_a_token_is_refused: anonymous GET "/appearance" => 401;
}
