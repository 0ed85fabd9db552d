//! `reset-password`.

use chrono::TimeDelta;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Fault, TestApp};
use serde_json::{Value, json};

use super::{EMAIL, invoke, lock, operator_entry, refusal};

const NEW: &str = "Br4nd-New_Password";

fn reset(by: &str, value: &str) -> Value {
    json!({ "action": "reset-password", by: value })
}

async fn id(owner: &Actor) -> String {
    owner.get("/users/me").await.expect_status(200).text_at("/id")
}

#[tokio::test]
async fn a_generated_password_is_reported_and_signs_in() {
    let (app, owner) = TestApp::with_owner().await;
    let id = id(&owner).await;
    for (by, value) in [("username", "OWNER"), ("email", "Owner@Example.com"), ("id", &*id)] {
        let report = invoke(&app, reset(by, value)).await;
        let password = report["password"].as_str().expect("a password was chosen").to_owned();
        assert_eq!(report, json!({ "user_id": id, "username": "owner", "email": EMAIL, "password": password }));
        assert_eq!(password.len(), 20);
        let signed_in = app.login(EMAIL, &password).await.expect_status(201);
        assert_eq!(signed_in.json()["must_change_password"], true, "{by}");
    }
}

#[tokio::test]
async fn a_given_password_is_set_and_not_repeated() {
    let (app, owner) = TestApp::with_owner().await;
    let id = id(&owner).await;
    let event = json!({ "action": "reset-password", "username": "owner", "password": NEW });
    assert_eq!(invoke(&app, event).await, json!({ "user_id": id, "username": "owner", "email": EMAIL }));
    app.login(EMAIL, PASSWORD).await.expect_status(401);
    app.login(EMAIL, NEW).await.expect_status(201);
}

#[tokio::test]
async fn a_reset_ends_sessions_tokens_passcode_and_lockout() {
    let (app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({ "token_name": "ci" })).await;
    app.anonymous().post("/users/otp/request", json!({ "email": EMAIL })).await.expect_status(204);
    let passcode = app.passcode(EMAIL).await;
    lock(&app, EMAIL).await;

    let password = invoke(&app, reset("username", "owner")).await["password"].clone();
    owner.get("/users/me").await.expect_status(401);
    token.get("/users/me").await.expect_status(401);
    assert!(!app.item_keys().await.iter().any(|key| key.ends_with("/ PASSCODE") || key.ends_with("/ ATTEMPTS")));
    let body = json!({ "email": EMAIL, "password": NEW, "one_time_passcode": passcode });
    app.anonymous().post("/users/otp/change-password", body).await.expect_status(400);
    app.login(EMAIL, password.as_str().unwrap_or_default()).await.expect_status(201);
}

#[tokio::test]
async fn the_audit_entry_does_not_hold_the_password() {
    let (app, owner) = TestApp::with_owner().await;
    let id = id(&owner).await;
    let report = invoke(&app, reset("username", "owner")).await;
    let entry = operator_entry(&app).await;
    assert_eq!((entry.action.as_str(), entry.target.as_str(), entry.resource_id), ("write", "owner", id));
    assert_eq!(entry.diff, json!({ "hashed_password": { "secret": true } }));
    let password = report["password"].as_str().unwrap_or_default();
    assert!(!format!("{:?}", app.items().await).contains(password));
}

#[tokio::test]
async fn a_reset_keeps_the_status_of_dormant_and_suspended_users() {
    let (app, owner, _) = TestApp::with_user("dormant").await;
    app.create_user(&owner, "suspended").await;
    owner.put("/users/suspended/status/suspend", Value::Null).await.expect_status(200);
    for (name, status) in [("dormant", 201), ("suspended", 401)] {
        let report = invoke(&app, reset("username", name)).await;
        assert_eq!(report["obstacles"].is_array(), status == 401, "{report}");
        assert_eq!(owner.get(&format!("/users/{name}")).await.text_at("/status"), name);
        let password = report["password"].as_str().unwrap_or_default();
        let answer = app.login(&format!("{name}@example.com"), password).await.expect_status(status);
        assert_eq!(answer.text.contains("suspended"), status == 401, "{}", answer.text);
    }
}

#[tokio::test]
async fn the_report_warns_while_passwords_are_disabled() {
    let app = TestApp::with(&[("ROSTER_DISABLE_PASSWORD_AUTH", "true")]).await;
    invoke(&app, json!({ "action": "create-owner", "username": "owner", "email": EMAIL })).await;
    let report = invoke(&app, reset("username", "owner")).await;
    assert!(report["obstacles"][0].as_str().is_some_and(|text| text.contains("switched off")), "{report}");
}

#[tokio::test]
async fn users_of_other_login_types_get_no_password() {
    let (app, owner) = TestApp::with_owner().await;
    owner.create_user_with("robot", json!({ "login_type": "none", "password": "" })).await;
    let before = app.item_keys().await;
    let text = refusal(&app, reset("username", "robot")).await;
    assert!(text.contains("login type is none") && text.contains("create-owner"), "{text}");
    assert_eq!(app.item_keys().await, before);
}

#[tokio::test]
async fn unknown_and_deleted_users_are_refused() {
    let (app, owner, gone) = TestApp::with_user("gone").await;
    owner.delete("/users/gone").await.expect_status(200);
    let unknown = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";
    let names = [("username", "gone"), ("username", "#COUNT#0"), ("email", "gone@example.com"), ("id", &*gone)];
    for (by, value) in names.into_iter().chain([("id", unknown)]) {
        assert_eq!(refusal(&app, reset(by, value)).await, "there is no such user", "{by} {value}");
    }
}

#[tokio::test]
async fn a_weak_password_is_refused_and_changes_nothing() {
    let (app, _owner) = TestApp::with_owner().await;
    for password in ["hunter2", &*"long-".repeat(20)] {
        let event = json!({ "action": "reset-password", "username": "owner", "password": password });
        let text = refusal(&app, event).await;
        assert!(text.starts_with("the password is") && !text.contains(password), "{text}");
    }
    app.login(EMAIL, PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn a_login_overtaken_by_the_reset_is_refused() {
    let (app, _owner) = TestApp::with_owner().await;
    // The login has verified the old password, and its transaction is held until the password has changed.
    app.faults.script([Fault::None, Fault::None, Fault::None, Fault::Hold]);
    let login = app.login(EMAIL, PASSWORD);
    let (login, _report) = app.faults.interleave(login, invoke(&app, reset("username", "owner"))).await;
    login.expect_status(401);
}

#[tokio::test]
async fn a_concurrent_change_is_kept_and_the_password_is_set() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    app.faults.script([Fault::None, Fault::Hold]);
    let rename = owner.put("/users/ada/profile", json!({ "username": "ada", "name": "Ada Lovelace" }));
    let (report, renamed) = app.faults.interleave(invoke(&app, reset("username", "ada")), rename).await;
    renamed.expect_status(200);
    assert_eq!(owner.get("/users/ada").await.text_at("/name"), "Ada Lovelace");
    app.login("ada@example.com", report["password"].as_str().unwrap_or_default()).await.expect_status(201);
}

#[tokio::test]
async fn a_reset_with_a_lost_answer_is_applied_once() {
    let (app, _owner) = TestApp::with_owner().await;
    app.faults.script([Fault::None, Fault::LostAnswer]);
    let before = app.audit_entries().await.len();
    let report = invoke(&app, reset("username", "owner")).await;
    assert_eq!(app.audit_entries().await.len(), before + 1);
    app.clock.advance(TimeDelta::seconds(1));
    app.login(EMAIL, report["password"].as_str().unwrap_or_default()).await.expect_status(201);
}
