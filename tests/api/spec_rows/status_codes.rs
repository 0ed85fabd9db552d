//! See docs/api/users.md#statuses-by-endpoint. Where the reference fails with 500 (†), the row has what
//! docs/api/deviations.md says. Rows on workspaces, licences, trials and identity providers are missing: this service
//! has none of them. Rows that take more than one request are in `staged`.

use http::Method;
use serde_json::json;

use super::{Outcome, Row};

rows! {
    get_users_200:                             owner GET "/users?q=status:active&limit=1" => 200;
    get_users_200_for_members:                 member GET "/users" => 200;
    get_users_400_bad_q:                       owner GET "/users?q=status:nobody" => 400 ["status"];
    get_users_400_bad_limit:                   owner GET "/users?limit=-1" => 400 ["limit"];
    get_users_400_bad_offset:                  owner GET "/users?offset=x" => 400 ["offset"];
    get_users_400_bad_after_id:                owner GET "/users?after_id=me" => 400 ["after_id"];

    post_users_201:                            owner POST "/users" {} => 201;
    post_users_201_by_user_admin:              user_admin POST "/users" {} => 201;
    post_users_201_duplicate_organization:     owner POST "/users" { "organization_id": "00000000-0000-0000-0000-000000000000" } => 201;
    post_users_201_service_account:            owner POST "/users" { "service_account": true, "email": null, "password": null } => 201;
    post_users_400_body:                       owner POST "/users" { "username": "-", "email": "x" } => 400 ["email", "username"];
    post_users_400_body_of_the_wrong_type:     owner POST "/users" { "username": 5 } => 400;
    post_users_400_service_account_that_signs_in: owner POST "/users" { "service_account": true, "login_type": "password", "email": null, "password": null } => 400;
    post_users_400_service_account_with_password: owner POST "/users" { "service_account": true, "email": null } => 400;
    post_users_400_service_account_with_email: owner POST "/users" { "service_account": true, "password": null } => 400;
    post_users_400_password_for_another_login_type: owner POST "/users" { "login_type": "none" } => 400;
    post_users_400_no_organization:            owner POST "/users" { "organization_ids": [] } => 400 ["organization_ids"];
    post_users_400_weak_password:              owner POST "/users" { "password": "password" } => 400 ["password"];
    post_users_400_oidc_not_configured:        owner POST "/users" { "login_type": "oidc", "password": null } => 400;
    post_users_400_unsupported_login_type:     owner POST "/users" { "login_type": "token", "password": null } => 400 ["login_type"];
    post_users_400_unknown_role:               owner POST "/users" { "roles": ["nobody"] } => 400 ["roles"];
    post_users_400_unknown_status:             owner POST "/users" { "user_status": "asleep" } => 400 ["user_status"];
    post_users_403_reader:                     auditor POST "/users" {} => 403;
    post_users_403_member:                     member POST "/users" {} => 403;
    post_users_403_role_not_assignable:        user_admin POST "/users" { "roles": ["auditor"] } => 403;
    post_users_403_conflict_with_an_unreadable_user: member POST "/users" { "username": "ada", "email": "another@example.com" } => 403;
    post_users_404_unknown_organization:       owner POST "/users" { "organization_ids": ["0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f"] } => 404;
    post_users_409_username:                   owner POST "/users" { "username": "OWNER" } => 409;
    post_users_409_email:                      owner POST "/users" { "email": "Owner@Example.com" } => 409;

    get_first_user_200:                        anonymous GET "/users/first" => 200;
    post_first_user_409:                       anonymous POST "/users/first" { "email": "a@example.com", "username": "a", "password": "x" } => 409;

    get_site_roles_200:                        member GET "/users/roles" => 200;

    post_validate_password_200:                anonymous POST "/users/validate-password" { "password": "x" } => 200;
    post_validate_password_400_body:           anonymous POST "/users/validate-password" { "password": 5 } => 400;
    post_validate_password_400_empty:          anonymous POST "/users/validate-password" {} => 400 ["password"];

    get_user_200:                              auditor GET "/users/ada" => 200;
    get_user_200_self:                         member GET "/users/me" => 200;
    get_user_404_unknown:                      owner GET "/users/0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" => hidden;
    get_user_404_unreadable:                   member GET "/users/ada" => hidden;

    delete_user_200:                           owner DELETE "/users/ada" => 200;
    delete_user_200_owner_by_user_admin:       user_admin DELETE "/users/boss" => 200;
    delete_user_403_self:                      owner DELETE "/users/me" => 403;
    delete_user_403_reader:                    auditor DELETE "/users/ada" => 403;
    delete_user_403_last_owner:                user_admin DELETE "/users/owner" => 403;
    delete_user_404_unknown:                   owner DELETE "/users/nobody" => hidden;
    delete_user_404_unreadable:                member DELETE "/users/ada" => hidden;

    get_appearance_200:                        member GET "/users/me/appearance" => 200;
    get_appearance_403_reader:                 auditor GET "/users/ada/appearance" => 403;
    get_appearance_404_unknown:                owner GET "/users/nobody/appearance" => hidden;
    get_appearance_404_unreadable:             member GET "/users/ada/appearance" => hidden;

    put_appearance_200:                        member PUT "/users/me/appearance" { "theme_preference": "dark", "terminal_font": "fira-code" } => 200;
    put_appearance_400_rule:                   member PUT "/users/me/appearance" { "terminal_font": "fira-code" } => 400 ["theme_preference"];
    put_appearance_400_font:                   member PUT "/users/me/appearance" { "theme_preference": "dark", "terminal_font": "comic-sans" } => 400;
    put_appearance_403_reader:                 auditor PUT "/users/ada/appearance" { "theme_preference": "dark", "terminal_font": "fira-code" } => 403;
    put_appearance_404_unknown:                owner PUT "/users/nobody/appearance" { "theme_preference": "dark", "terminal_font": "fira-code" } => hidden;
    put_appearance_404_unreadable:             member PUT "/users/ada/appearance" { "theme_preference": "dark", "terminal_font": "fira-code" } => hidden;

    get_autofill_200:                          member GET "/users/me/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" => 200;
    get_autofill_400_missing:                  member GET "/users/me/autofill-parameters" => 400 ["template_id"];
    get_autofill_400_empty:                    member GET "/users/me/autofill-parameters?template_id=" => 400 ["template_id"];
    get_autofill_400_repeated:                 member GET "/users/me/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f&template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" => 400 ["template_id"];
    get_autofill_400_malformed:                member GET "/users/me/autofill-parameters?template_id=me" => 400 ["template_id"];
    get_autofill_400_extra:                    member GET "/users/me/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f&limit=1" => 400 ["limit"];
    get_autofill_403_reader:                   auditor GET "/users/ada/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" => 403;
    get_autofill_404_unknown:                  owner GET "/users/nobody/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" => hidden;
    get_autofill_404_unreadable:               member GET "/users/ada/autofill-parameters?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" => hidden;

    get_git_ssh_key_200:                       member GET "/users/me/gitsshkey" => 200;
    get_git_ssh_key_403_reader:                auditor GET "/users/ada/gitsshkey" => 403;
    get_git_ssh_key_404_unknown:               owner GET "/users/nobody/gitsshkey" => hidden;
    get_git_ssh_key_404_unreadable:            member GET "/users/ada/gitsshkey" => hidden;

    put_git_ssh_key_200:                       member PUT "/users/me/gitsshkey" => 200;
    put_git_ssh_key_403_reader:                auditor PUT "/users/ada/gitsshkey" => 403;
    put_git_ssh_key_404_unknown:               owner PUT "/users/nobody/gitsshkey" => hidden;
    put_git_ssh_key_404_unreadable:            member PUT "/users/ada/gitsshkey" => hidden;

    get_login_type_200_self:                   member GET "/users/me/login-type" => 200;
    get_login_type_403_other:                  owner GET "/users/ada/login-type" => 403;
    get_login_type_404_unknown:                owner GET "/users/nobody/login-type" => hidden;
    get_login_type_404_unreadable:             member GET "/users/ada/login-type" => hidden;

    get_organizations_200:                     member GET "/users/me/organizations" => 200;
    get_organizations_404_unknown:             owner GET "/users/nobody/organizations" => hidden;
    get_organizations_404_unreadable:          member GET "/users/ada/organizations" => hidden;

    get_organization_200:                      member GET "/users/me/organizations/coder" => 200;
    get_organization_404_unknown_user:         owner GET "/users/nobody/organizations/coder" => hidden;
    get_organization_404_unreadable_user:      member GET "/users/ada/organizations/coder" => hidden;
    get_organization_404_unknown:              owner GET "/users/me/organizations/nowhere" => hidden;

    put_password_204_reset:                    owner PUT "/users/ada/password" { "password": "AnotherSecurePassword!" } => 204;
    put_password_204_self:                     member PUT "/users/me/password" { "old_password": "SomeSecurePassword!", "password": "AnotherSecurePassword!" } => 204;
    put_password_400_body:                     owner PUT "/users/ada/password" {} => 400 ["password"];
    put_password_400_body_of_the_wrong_type:   owner PUT "/users/ada/password" { "password": 5 } => 400;
    put_password_400_no_password_user:         owner PUT "/users/robot/password" { "password": "AnotherSecurePassword!" } => 400;
    put_password_400_own_without_old:          owner PUT "/users/me/password" { "password": "AnotherSecurePassword!" } => 400;
    put_password_400_weak:                     owner PUT "/users/ada/password" { "password": "password" } => 400 ["password"];
    put_password_400_old_wrong:                member PUT "/users/me/password" { "old_password": "wrong", "password": "AnotherSecurePassword!" } => 400 ["old_password"];
    put_password_400_same_as_current:          owner PUT "/users/ada/password" { "password": "SomeSecurePassword!" } => 400;
    put_password_400_owner_s_by_non_owner:     user_admin PUT "/users/boss/password" { "password": "AnotherSecurePassword!" } => 400;
    put_password_404_unknown:                  owner PUT "/users/nobody/password" { "password": "AnotherSecurePassword!" } => hidden;
    put_password_404_unreadable:               member PUT "/users/ada/password" { "password": "AnotherSecurePassword!" } => hidden;
    put_password_404_reader:                   auditor PUT "/users/ada/password" { "password": "AnotherSecurePassword!" } => hidden;

    get_preferences_200:                       member GET "/users/me/preferences" => 200;
    get_preferences_403_reader:                auditor GET "/users/ada/preferences" => 403;
    get_preferences_404_unknown:               owner GET "/users/nobody/preferences" => hidden;
    get_preferences_404_unreadable:            member GET "/users/ada/preferences" => hidden;

    put_preferences_200:                       member PUT "/users/me/preferences" {} => 200;
    put_preferences_400_enum:                  member PUT "/users/me/preferences" { "code_diff_display_mode": "preview" } => 400 ["code_diff_display_mode"];
    put_preferences_400_body:                  member PUT "/users/me/preferences" { "task_notification_alert_dismissed": "yes" } => 400;
    put_preferences_403_reader:                auditor PUT "/users/ada/preferences" {} => 403;
    put_preferences_404_unknown:               owner PUT "/users/nobody/preferences" {} => hidden;
    put_preferences_404_unreadable:            member PUT "/users/ada/preferences" {} => hidden;

    put_profile_200:                           member PUT "/users/me/profile" { "username": "member", "name": "Ada" } => 200;
    put_profile_200_renames:                   owner PUT "/users/ada/profile" { "username": "lovelace" } => 200;
    put_profile_400_body:                      member PUT "/users/me/profile" { "username": "-", "name": " " } => 400 ["username", "name"];
    put_profile_403_reader:                    auditor PUT "/users/ada/profile" { "username": "ada" } => 403;
    put_profile_404_unknown:                   owner PUT "/users/nobody/profile" { "username": "nobody" } => hidden;
    put_profile_404_unreadable:                member PUT "/users/ada/profile" { "username": "ada" } => hidden;
    put_profile_404_own_rename:                member PUT "/users/me/profile" { "username": "renamed" } => hidden;
    put_profile_404_rename_by_reader:          auditor PUT "/users/ada/profile" { "username": "lovelace" } => hidden;
    put_profile_409:                           owner PUT "/users/ada/profile" { "username": "Owner" } => 409 ["username"];

    get_roles_200:                             member GET "/users/me/roles" => 200;
    get_roles_404_unknown:                     owner GET "/users/nobody/roles" => hidden;
    get_roles_404_unreadable:                  member GET "/users/ada/roles" => hidden;
    get_roles_404_reader:                      auditor GET "/users/ada/roles" => hidden;

    put_roles_200:                             owner PUT "/users/ada/roles" { "roles": ["auditor"] } => 200;
    put_roles_400_own:                         owner PUT "/users/me/roles" { "roles": ["owner"] } => 400;
    put_roles_400_body:                        owner PUT "/users/ada/roles" { "roles": "auditor" } => 400;
    put_roles_400_unknown:                     owner PUT "/users/ada/roles" { "roles": ["nobody"] } => 400 ["roles"];
    put_roles_400_organization_role:           owner PUT "/users/ada/roles" { "roles": ["organization-admin"] } => 400 ["roles"];
    put_roles_400_not_assignable:              user_admin PUT "/users/ada/roles" { "roles": ["auditor"] } => 400 ["roles"];
    put_roles_403_reader:                      auditor PUT "/users/ada/roles" { "roles": ["auditor"] } => 403;
    put_roles_404_unknown:                     owner PUT "/users/nobody/roles" { "roles": [] } => hidden;
    put_roles_404_unreadable:                  member PUT "/users/ada/roles" { "roles": [] } => hidden;

    put_suspend_200:                           owner PUT "/users/ada/status/suspend" => 200;
    put_suspend_200_already:                   owner PUT "/users/sleeper/status/suspend" => 200;
    put_suspend_400_self:                      owner PUT "/users/me/status/suspend" => 400;
    put_suspend_400_owner:                     owner PUT "/users/boss/status/suspend" => 400;
    put_suspend_403_reader:                    auditor PUT "/users/ada/status/suspend" => 403;
    put_suspend_404_unknown:                   owner PUT "/users/nobody/status/suspend" => hidden;
    put_suspend_404_unreadable:                member PUT "/users/ada/status/suspend" => hidden;

    put_activate_200:                          owner PUT "/users/sleeper/status/activate" => 200;
    put_activate_200_already:                  owner PUT "/users/me/status/activate" => 200;
    put_activate_403_reader:                   auditor PUT "/users/sleeper/status/activate" => 403;
    put_activate_404_unknown:                  owner PUT "/users/nobody/status/activate" => hidden;
    put_activate_404_unreadable:               member PUT "/users/ada/status/activate" => hidden;

    unknown_path_404:                          anonymous GET "/nowhere" => 404;
    unknown_path_of_a_user_404:                owner GET "/users/me/nowhere" => 404;
    unknown_path_of_a_user_401_anonymous:      anonymous GET "/users/me/nowhere" => 401;
}
