//! `POST /users`: created users and their items, refusals, and the order of the checks.

mod accounts;
mod body;
mod refusals;
mod success;
mod validation;

use roster_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

use super::{NIL, item_keys, with};
use crate::cases::cases;

/// The body that creates `ada`, with changes; `null` removes a member.
fn ada(changes: &Value) -> Value {
    with(&TestApp::new_user("ada"), changes)
}

/// The body of a user with the login type `none`.
fn without_password(changes: &Value) -> Value {
    with(&ada(&json!({ "password": null, "login_type": "none" })), changes)
}

/// The body of a service account.
fn service_account(username: &str, changes: &Value) -> Value {
    let body = json!({ "username": username, "service_account": true, "organization_ids": [NIL] });
    with(&body, changes)
}

async fn create(actor: &Actor, body: Value) -> Answer {
    actor.post("/users", body).await
}

/// Asserts that the table has the same keys as before.
async fn assert_nothing_left(app: &TestApp, before: &[String]) {
    assert_eq!(item_keys(app).await, before);
}

cases! {
    an_owner_creates_a_user: owner POST "/users" {} => 201;
    a_user_admin_creates_a_user: user_admin POST "/users" {} => 201;
    an_organization_in_both_members_counts_once:
        owner POST "/users" { "organization_id": "00000000-0000-0000-0000-000000000000" } => 201;
    a_username_that_reads_as_an_id_is_refused:
        owner POST "/users" { "username": "c42fdf753097471c8c33fb52454d81c0" } => 400;
    an_owner_creates_a_service_account:
        owner POST "/users" { "service_account": true, "email": null, "password": null } => 201;
    a_malformed_username_and_email_are_reported_together: owner POST "/users" { "username": "-", "email": "x" } => 400;
    a_username_that_is_a_number_is_refused: owner POST "/users" { "username": 5 } => 400;
    a_service_account_cannot_have_a_login_type:
        owner POST "/users"
        { "service_account": true, "login_type": "password", "email": null, "password": null } => 400;
    a_service_account_cannot_have_a_password: owner POST "/users" { "service_account": true, "email": null } => 400;
    a_service_account_cannot_have_an_email_address:
        owner POST "/users" { "service_account": true, "password": null } => 400;
    a_password_for_a_login_type_without_one_is_refused: owner POST "/users" { "login_type": "none" } => 400;
    an_organization_that_is_not_an_id_is_refused: owner POST "/users" { "organization_ids": ["x"] } => 400;
    a_single_organization_that_is_not_an_id_is_refused: owner POST "/users" { "organization_id": "x" } => 400;
    a_service_account_cannot_have_the_login_type_github:
        owner POST "/users"
        { "service_account": true, "login_type": "github", "email": null, "password": null } => 400;
    a_malformed_email_address_of_a_service_account_is_reported_as_a_field:
        owner POST "/users" { "service_account": true, "email": "robot", "password": null } => 400;
    missing_fields_are_reported_together:
        owner POST "/users" { "email": null, "username": null, "password": null, "organization_ids": null } => 400;
    a_missing_list_of_organizations_is_refused: owner POST "/users" { "organization_ids": null } => 400;
    a_user_without_an_organization_is_refused: owner POST "/users" { "organization_ids": [] } => 400;
    a_weak_password_is_refused: owner POST "/users" { "password": "password" } => 400;
    oidc_without_a_provider_is_refused: owner POST "/users" { "login_type": "oidc", "password": null } => 400;
    a_login_type_of_no_user_is_refused:
        owner POST "/users" { "login_type": "token", "password": null } => 400;
    an_unknown_role_is_refused: owner POST "/users" { "roles": ["nobody"] } => 400;
    an_unknown_status_is_refused: owner POST "/users" { "user_status": "asleep" } => 400;
    an_auditor_may_not_create_a_user: auditor POST "/users" {} => 403;
    a_member_may_not_create_a_user: member POST "/users" {} => 403;
    a_user_admin_may_not_give_a_role: user_admin POST "/users" { "roles": ["auditor"] } => 403;
    a_member_does_not_learn_about_a_conflict:
        member POST "/users" { "username": "ada", "email": "another@example.com" } => 403;
    an_unknown_organization_is_not_found:
        owner POST "/users" { "organization_ids": ["0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f"] } => 404;
    a_taken_username_conflicts: owner POST "/users" { "username": "OWNER" } => 409;
    a_taken_email_address_conflicts: owner POST "/users" { "email": "Owner@Example.com" } => 409;
    creating_a_user_without_a_token_is_refused: anonymous POST "/users" {} => 401;
}
