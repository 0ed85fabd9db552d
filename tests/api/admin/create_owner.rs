//! `create-owner`.

use futures_util::future::join_all;
use roster_tests::TestApp;
use serde_json::{Value, json};

use super::{INVOCATION, invoke, operator_entry, refusal};

fn create(username: &str) -> Value {
    json!({ "action": "create-owner", "username": username, "email": format!("{username}@example.com") })
}

#[tokio::test]
async fn a_created_owner_is_dormant_until_the_first_login() {
    let (app, owner) = TestApp::with_owner().await;
    let report = invoke(&app, create("Ops")).await;
    let made = owner.get("/users/ops").await.expect_status(200);
    assert_eq!(report["user_id"], made.json()["id"]);
    assert_eq!((made.text_at("/status"), made.text_at("/roles/0/name")), ("dormant".to_owned(), "owner".to_owned()));
    let default = owner.get("/users/me/organizations").await.text_at("/0/id");
    assert_eq!(made.json()["organization_ids"], json!([default]));

    let password = report["password"].as_str().expect("a password was chosen");
    let signed_in = app.login("Ops@example.com", password).await.expect_status(201);
    assert_eq!(signed_in.json()["must_change_password"], true);
    let ops = app.anonymous().with_token(signed_in.text_at("/session_token"));
    assert_eq!(ops.get("/users/me").await.expect_status(200).text_at("/status"), "active");
    // With two owners, the first one can be deleted.
    ops.delete("/users/owner").await.expect_status(200);
}

#[tokio::test]
async fn without_users_the_created_owner_is_the_first_user() {
    let app = TestApp::start().await;
    let report = invoke(
        &app,
        json!({
            "action": "create-owner", "username": "ops", "email": "ops@example.com", "password": "Br4nd-New_Password",
        }),
    )
    .await;
    assert!(report.get("password").is_none(), "{report}");
    app.anonymous().get("/users/first").await.expect_status(200);
    let body = json!({ "email": "a@example.com", "username": "a", "password": "Br4nd-New_Password" });
    app.anonymous().post("/users/first", body).await.expect_status(409);
    let signed_in = app.login("ops@example.com", "Br4nd-New_Password").await.expect_status(201);
    let ops = app.anonymous().with_token(signed_in.text_at("/session_token"));
    assert_eq!(ops.get("/users/me/organizations").await.expect_status(200).text_at("/0/name"), "coder");
    let listed = ops.get("/users").await.expect_status(200);
    assert_eq!(listed.json()["count"], 1, "{}", listed.text);
}

#[tokio::test]
async fn concurrent_first_owners_are_all_created_with_one_organization() {
    let app = TestApp::start().await;
    let reports = join_all((0..4).map(|number| {
        let app = &app;
        async move { invoke(app, create(&format!("ops-{number}"))).await }
    }))
    .await;
    let password = reports[3]["password"].as_str().unwrap_or_default();
    let signed_in = app.login("ops-3@example.com", password).await.expect_status(201);
    let ops = app.anonymous().with_token(signed_in.text_at("/session_token"));
    let users = ops.get("/users").await.expect_status(200).json();
    assert_eq!(users["count"], 4);
    for user in users["users"].as_array().expect("a list") {
        assert_eq!(user["organization_ids"], users["users"][0]["organization_ids"]);
        assert_eq!(user["organization_ids"].as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test]
async fn the_audit_entry_names_the_owner_and_not_the_password() {
    let (app, _owner) = TestApp::with_owner().await;
    let report = invoke(&app, create("ops")).await;
    let entry = operator_entry(&app).await;
    assert_eq!((entry.action.as_str(), entry.target.as_str()), ("create", "ops"));
    assert_eq!(report["user_id"], entry.resource_id);
    assert_eq!(entry.diff, json!({ "hashed_password": { "secret": true } }));
    assert!(!format!("{:?}", app.items().await).contains(report["password"].as_str().unwrap_or_default()));
}

#[tokio::test]
async fn the_error_tells_a_taken_username_from_a_taken_email_address() {
    let (app, _owner) = TestApp::with_owner().await;
    let event = |username: &str, email: &str| json!({ "action": "create-owner", "username": username, "email": email, "password": "Br4nd-New_Password" });
    let before = app.item_keys().await;
    for (username, email, expected) in [
        ("OWNER", "ops@example.com", "the username is taken"),
        ("prebuilds", "ops@example.com", "the username is taken"),
        ("ops", "Owner@Example.com", "the e-mail address is taken"),
    ] {
        assert_eq!(refusal(&app, event(username, email)).await, expected);
    }
    let mut weak = event("ops", "ops@example.com");
    weak["password"] = json!("hunter2");
    assert!(refusal(&app, weak).await.starts_with("the password is too easy to guess"));
    assert_eq!(app.item_keys().await, before);
}

#[tokio::test]
async fn an_unreachable_database_is_an_error() {
    let (app, _owner) = TestApp::with_owner().await;
    app.faults.script([roster_tests::Fault::Throttle; 64]);
    let refused = Box::pin(roster_admin::run(&app.app, create("ops"), INVOCATION)).await;
    assert!(refused.is_err());
}
