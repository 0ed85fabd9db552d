//! The `admin` function: commands of an operator that bypass the API.

mod create_owner;
mod events;
mod reset_password;
mod unlock;

use roster_tests::TestApp;
use roster_tests::stored::StoredEntry;
use serde_json::{Value, json};
use uuid::Uuid;

/// The request id of the invocation.
const INVOCATION: Uuid = Uuid::from_u128(0x1515_aaaa_bbbb_4ccc_8ddd_eeee_ffff_0001);
const EMAIL: &str = "owner@example.com";

async fn invoke(app: &TestApp, event: Value) -> Value {
    Box::pin(roster_admin::run(&app.app, event, INVOCATION)).await.expect("the command is carried out")
}

/// The error of a refused event, with its causes.
async fn refusal(app: &TestApp, event: Value) -> String {
    let error = Box::pin(roster_admin::run(&app.app, event, INVOCATION)).await.expect_err("the event is refused");
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// The newest audit entry. Asserts that it names the operator.
async fn operator_entry(app: &TestApp) -> StoredEntry {
    let entry = app.audit_entries().await.pop().expect("there is an entry");
    assert_eq!(entry.additional_fields, json!({ "automatic_actor": "roster", "automatic_subsystem": "admin" }));
    assert_eq!((entry.request_id.as_str(), entry.user_id.as_str()), (&*INVOCATION.to_string(), ""));
    assert_eq!((entry.ip.as_str(), entry.user_agent.as_str()), ("", ""));
    assert_eq!((entry.resource_type.as_str(), entry.status), ("user", 200));
    entry
}

/// Locks a user by wrong passwords.
async fn lock(app: &TestApp, email: &str) {
    for _ in 0..12 {
        app.login(email, "NotThePassword!").await.expect_status(401);
    }
    app.login(email, roster_tests::app::PASSWORD).await.expect_status(401);
}
