//! `GET /organizations/{organization}/settings/workspace-sharing`.

use crate::cases::cases;

cases! {
    a_member_reads_the_setting_of_workspace_sharing:
        member GET "/organizations/default/settings/workspace-sharing" => 200;
    the_sharing_of_an_unknown_organization_is_not_found:
        owner GET "/organizations/nowhere/settings/workspace-sharing" => hidden;
    the_sharing_setting_without_a_token_is_refused:
        anonymous GET "/organizations/default/settings/workspace-sharing" => 401;
}
