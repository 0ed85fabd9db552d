//! `PUT /organizations/{organization}/members/{user}/roles` and `DELETE /organizations/{organization}/members/{user}`.

use crate::cases::cases;

cases! {
    an_owner_gives_a_role_in_an_organization:
        owner PUT "/organizations/default/members/ada/roles" { "roles": ["organization-auditor"] } => 200;
    a_user_admin_takes_all_roles_in_an_organization:
        user_admin PUT "/organizations/default/members/ada/roles" { "roles": [] } => 200;
    a_user_admin_may_not_give_a_role_in_an_organization:
        user_admin PUT "/organizations/default/members/ada/roles" { "roles": ["organization-auditor"] } => 400;
    an_auditor_may_not_change_roles_in_an_organization:
        auditor PUT "/organizations/default/members/ada/roles" { "roles": [] } => 403;
    a_member_may_not_change_roles_in_an_organization:
        member PUT "/organizations/default/members/ada/roles" { "roles": [] } => 403;
    own_roles_in_an_organization_cannot_be_changed:
        owner PUT "/organizations/default/members/me/roles" { "roles": [] } => 400;
    an_unknown_role_in_an_organization_is_refused:
        owner PUT "/organizations/default/members/ada/roles" { "roles": ["organization-nobody"] } => 400;
    a_site_role_in_an_organization_is_refused:
        owner PUT "/organizations/default/members/ada/roles" { "roles": ["auditor"] } => 400;
    roles_that_are_not_a_list_are_refused:
        owner PUT "/organizations/default/members/ada/roles" { "roles": "organization-auditor" } => 400;
    roles_of_an_unknown_member_are_not_found:
        owner PUT "/organizations/default/members/nobody/roles" { "roles": [] } => hidden;
    roles_in_an_unknown_organization_are_not_found:
        owner PUT "/organizations/nowhere/members/ada/roles" { "roles": [] } => hidden;
    roles_of_a_member_without_a_token_are_refused:
        anonymous PUT "/organizations/default/members/ada/roles" { "roles": [] } => 401;
    an_owner_removes_a_member: owner DELETE "/organizations/default/members/ada" => 204;
    an_auditor_may_not_remove_a_member: auditor DELETE "/organizations/default/members/ada" => 404;
    a_user_may_not_remove_themselves_from_an_organization: owner DELETE "/organizations/default/members/me" => 400;
    an_unknown_member_is_not_removed: owner DELETE "/organizations/default/members/nobody" => hidden;
    a_member_of_an_unknown_organization_is_not_removed: owner DELETE "/organizations/nowhere/members/ada" => hidden;
    removing_a_member_without_a_token_is_refused: anonymous DELETE "/organizations/default/members/ada" => 401;
}
