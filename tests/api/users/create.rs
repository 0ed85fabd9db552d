//! `POST /users`: who comes into being, what that leaves in the table, and what is refused in which order.

mod accounts;
mod body;
mod refusals;
mod success;
mod validation;

use roster_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

use super::{NIL, places, with};

/// What everybody asks for, with changes; a `null` leaves a member out.
fn ada(changes: &Value) -> Value {
    with(&TestApp::new_user("ada"), changes)
}

/// An account that signs in otherwise, or not at all.
fn without_password(changes: &Value) -> Value {
    with(&ada(&json!({ "password": null, "login_type": "none" })), changes)
}

/// A service account of that name.
fn service_account(username: &str, changes: &Value) -> Value {
    let body = json!({ "username": username, "service_account": true, "organization_ids": [NIL] });
    with(&body, changes)
}

async fn create(actor: &Actor, body: Value) -> Answer {
    actor.post("/users", body).await
}

/// Asserts that the whole table is what it was.
async fn assert_nothing_left(app: &TestApp, before: &[String]) {
    assert_eq!(places(app).await, before);
}
