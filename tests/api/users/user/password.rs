//! `PUT /users/{user}/password`, and passwords that somebody else chose.

mod concurrent;
mod effects;
mod order;
mod roles;
mod temporary;

use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

/// Another password that the policy takes.
const ANOTHER: &str = "AnotherSecurePassword!";

async fn change(actor: &Actor, user: &str, body: Value) -> Answer {
    actor.put(&format!("/users/{user}/password"), body).await
}

/// What changes one's own password.
fn own_change() -> Value {
    json!({ "old_password": PASSWORD, "password": ANOTHER })
}

/// What changes somebody else's.
fn reset() -> Value {
    json!({ "password": ANOTHER })
}

/// Creates an account that does not sign in with a password, and is its holder.
async fn robot(app: &TestApp, owner: &Actor) -> Actor {
    let mut robot = TestApp::new_user("robot");
    robot["password"] = json!("");
    robot["login_type"] = json!("none");
    owner.post("/users", robot).await.expect_status(201);
    let key = owner.post("/users/robot/keys", Value::Null).await.expect_status(201).text_at("/key");
    app.anonymous().with_token(key)
}
