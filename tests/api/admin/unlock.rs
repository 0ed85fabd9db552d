//! `unlock`.

use roster_tests::TestApp;
use roster_tests::app::PASSWORD;
use serde_json::json;

use super::{EMAIL, invoke, lock, operator_entry, refusal};

#[tokio::test]
async fn an_unlocked_user_signs_in_at_once() {
    let (app, owner) = TestApp::with_owner().await;
    let id = owner.get("/users/me").await.text_at("/id");
    for (by, value) in [("email", "OWNER@example.com"), ("username", "Owner"), ("id", &*id)] {
        lock(&app, EMAIL).await;
        let report = invoke(&app, json!({ "action": "unlock", by: value })).await;
        assert_eq!(report, json!({ "user_id": id, "username": "owner", "email": EMAIL }), "{by}");
        assert_eq!(app.login_failures(EMAIL).await, 0, "{by}");
        app.login(EMAIL, PASSWORD).await.expect_status(201);
    }
    owner.get("/users/me").await.expect_status(200);
}

#[tokio::test]
async fn unlocking_writes_an_audit_entry() {
    let (app, owner) = TestApp::with_owner().await;
    invoke(&app, json!({ "action": "unlock", "email": EMAIL })).await;
    let entry = operator_entry(&app).await;
    assert_eq!((entry.action.as_str(), entry.target.as_str(), entry.diff), ("write", "owner", json!({})));
    assert_eq!(entry.resource_id, owner.get("/users/me").await.text_at("/id"));
}

#[tokio::test]
async fn unknown_email_addresses_and_users_without_one_are_refused() {
    let (app, owner) = TestApp::with_owner().await;
    let mut machine = TestApp::new_user("machine");
    machine["service_account"] = json!(true);
    for member in ["email", "password"] {
        machine.as_object_mut().expect("an object").remove(member);
    }
    owner.post("/users", machine).await.expect_status(201);
    let before = app.audit_entries().await.len();
    let text = refusal(&app, json!({ "action": "unlock", "email": "unknown@example.com" })).await;
    assert_eq!(text, "there is no such user");
    let text = refusal(&app, json!({ "action": "unlock", "username": "machine" })).await;
    assert!(text.contains("no e-mail address"), "{text}");
    let text = refusal(&app, json!({ "action": "reset-password", "username": "machine" })).await;
    assert!(text.contains("login type is none"), "{text}");
    assert_eq!(app.audit_entries().await.len(), before);
}
