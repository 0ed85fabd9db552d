//! `PUT /users/{user}/password`, and temporary passwords.

mod concurrent;
mod effects;
mod order;
mod roles;
mod temporary;

use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

use crate::cases::cases;

/// Another password that the policy accepts.
const ANOTHER: &str = "AnotherSecurePassword!";

async fn change(actor: &Actor, user: &str, body: Value) -> Answer {
    actor.put(&format!("/users/{user}/password"), body).await
}

/// The body that changes one's own password.
fn own_change() -> Value {
    json!({ "old_password": PASSWORD, "password": ANOTHER })
}

/// The body that resets the password of another user.
fn reset() -> Value {
    json!({ "password": ANOTHER })
}

/// Creates a user with the login type `none`, and returns an actor with a token of the user.
async fn robot(app: &TestApp, owner: &Actor) -> Actor {
    owner.create_user_with("robot", json!({ "password": "", "login_type": "none" })).await;
    let key = owner.post("/users/robot/keys", Value::Null).await.expect_status(201).text_at("/key");
    app.anonymous().with_token(key)
}

cases! {
    an_owner_resets_a_password: owner PUT "/users/ada/password" { "password": "AnotherSecurePassword!" } => 204;
    a_member_changes_their_own_password:
        member PUT "/users/me/password"
        { "old_password": "SomeSecurePassword!", "password": "AnotherSecurePassword!" } => 204;
    a_missing_password_is_refused: owner PUT "/users/ada/password" {} => 400;
    a_password_that_is_a_number_is_refused: owner PUT "/users/ada/password" { "password": 5 } => 400;
    a_user_without_a_password_gets_none:
        owner PUT "/users/robot/password" { "password": "AnotherSecurePassword!" } => 400;
    an_own_change_without_the_old_password_is_refused:
        owner PUT "/users/me/password" { "password": "AnotherSecurePassword!" } => 400;
    a_weak_password_is_refused: owner PUT "/users/ada/password" { "password": "password" } => 400;
    a_wrong_old_password_is_refused:
        member PUT "/users/me/password" { "old_password": "wrong", "password": "AnotherSecurePassword!" } => 400;
    the_current_password_is_refused: owner PUT "/users/ada/password" { "password": "SomeSecurePassword!" } => 400;
    a_user_admin_may_not_reset_the_password_of_an_owner:
        user_admin PUT "/users/boss/password" { "password": "AnotherSecurePassword!" } => 400;
    the_password_of_an_unknown_user_is_not_changed:
        owner PUT "/users/nobody/password" { "password": "AnotherSecurePassword!" } => hidden;
    the_password_of_a_hidden_user_is_not_changed:
        member PUT "/users/ada/password" { "password": "AnotherSecurePassword!" } => hidden;
    an_auditor_may_not_change_a_password:
        auditor PUT "/users/ada/password" { "password": "AnotherSecurePassword!" } => hidden;
    changing_a_password_without_a_token_is_refused:
        anonymous PUT "/users/me/password" { "password": "AnotherSecurePassword!" } => 401;
}
