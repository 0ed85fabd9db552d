//! The audit entries of logins, logouts, password resets and changes of users.

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::stored::StoredEntry;
use roster_tests::{Cast, TestApp};
use serde_json::{Value, json};

/// The fields of an entry that are the same in every run.
fn shown(entry: &StoredEntry) -> String {
    let StoredEntry { resource_type, action, status, target, .. } = entry;
    format!("{action} {resource_type} {target:?} {status}")
}

#[tokio::test]
async fn a_login_writes_one_entry_that_names_the_user() {
    let (app, _owner, ada) = TestApp::with_user("ada").await;
    // The first login makes a new user active, which has an entry of its own.
    app.login("ada@example.com", PASSWORD).await.expect_status(201);
    let before = app.audit_entries().await.len();
    app.login("ada@example.com", PASSWORD).await.expect_status(201);
    let entries = app.audit_entries().await.split_off(before);
    assert_eq!(entries.iter().map(shown).collect::<Vec<_>>(), ["login api_key \"\" 201"]);
    let entry = &entries[0];
    assert_eq!((&entry.user_id, &entry.resource_id), (&ada, &ada));
    assert_eq!((entry.ip.as_str(), entry.additional_fields.clone()), ("192.0.2.7", json!({})));
    assert_eq!(entry.diff, json!({}));
}

#[tokio::test]
async fn an_entry_names_the_ip_address_the_user_agent_and_the_request_id() {
    let (app, _owner) = TestApp::with_owner().await;
    let before = app.audit_entries().await.len();
    let body = json!({ "email": "owner@example.com", "password": PASSWORD }).to_string();
    let agent = [("user-agent", "coder-cli/v0.0.0 (linux/amd64; login)")];
    let anonymous = app.anonymous().at([198, 51, 100, 9]);
    let answer = anonymous.send(http::Method::POST, "/api/v2/users/login", &agent, body).await.expect_status(201);
    let entry = app.audit_entries().await.split_off(before).remove(0);
    assert_eq!((entry.ip.as_str(), entry.user_agent.as_str()), ("198.51.100.9", agent[0].1));
    assert_eq!(entry.request_id, answer.header("x-coder-request-id"));
}

#[tokio::test]
async fn a_refused_login_writes_one_entry_for_known_and_unknown_users() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let id = ada.get("/users/me").await.text_at("/id");
    owner.put("/users/ada/status/suspend", Value::Null).await.expect_status(200);
    let before = app.audit_entries().await.len();
    app.login("ada@example.com", "wrong").await.expect_status(401);
    app.login("ada@example.com", PASSWORD).await.expect_status(401);
    app.login("unknown@example.com", PASSWORD).await.expect_status(401);
    let long = format!("{}@example.com", "n".repeat(60_000));
    app.login(&long, PASSWORD).await.expect_status(401);
    let entries = app.audit_entries().await.split_off(before);
    assert_eq!(entries.iter().map(shown).collect::<Vec<_>>(), vec!["login api_key \"\" 401"; 4]);
    let nil = "00000000-0000-0000-0000-000000000000";
    let who: Vec<&str> = entries.iter().map(|entry| entry.user_id.as_str()).collect();
    assert_eq!(who, [id.as_str(), id.as_str(), "", ""]);
    assert!(entries.iter().all(|entry| entry.resource_id == nil), "{entries:?}");
    let tried: Vec<Value> = entries.iter().map(|entry| entry.additional_fields.clone()).collect();
    let (unknown, long) = (json!({ "email": "unknown@example.com" }), json!({ "email": &long[..320] }));
    assert_eq!(tried, [json!({}), json!({}), unknown, long]);
}

#[tokio::test]
async fn a_logout_writes_an_entry_that_names_the_token() {
    let (app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({ "token_name": "ci" })).await;
    let before = app.audit_entries().await.len();
    token.post("/users/logout", Value::Null).await.expect_status(200);
    owner.post("/users/logout", Value::Null).await.expect_status(200);
    let entries = app.audit_entries().await.split_off(before);
    let shown: Vec<String> = entries.iter().map(shown).collect();
    assert_eq!(shown, ["logout api_key \"ci\" 200", "logout api_key \"\" 200"]);
    assert!(entries.iter().all(|entry| entry.user_id == entry.resource_id && !entry.user_id.is_empty()), "{entries:?}");
}

#[tokio::test]
async fn a_password_reset_writes_entries_for_the_request_and_the_change() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    let before = app.audit_entries().await.len();
    let anonymous = app.anonymous();
    for email in ["ada@example.com", "unknown@example.com"] {
        anonymous.post("/users/otp/request", json!({ "email": email })).await.expect_status(204);
    }
    let code = app.passcode("ada@example.com").await;
    let change =
        |code: &str| json!({ "email": "ada@example.com", "password": "Br4nd-New_Password", "one_time_passcode": code });
    anonymous.post("/users/otp/change-password", change("wrong")).await.expect_status(400);
    anonymous.post("/users/otp/change-password", change(&code)).await.expect_status(204);
    let entries = app.audit_entries().await.split_off(before);
    assert_eq!(
        entries.iter().map(shown).collect::<Vec<_>>(),
        [
            "request_password_reset user \"ada\" 204",
            "request_password_reset user \"\" 204",
            "write user \"ada\" 400",
            "write user \"ada\" 204",
        ]
    );
    assert_eq!(entries[1].additional_fields, json!({ "email": "unknown@example.com" }));
    assert_eq!((&entries[2].diff, &entries[3].diff), (&json!({}), &json!({ "hashed_password": { "secret": true } })));
}

#[tokio::test]
async fn accepted_and_refused_password_changes_write_entries() {
    let (app, owner, ada) = TestApp::with_user("ada").await;
    let id = owner.get("/users/me").await.text_at("/id");
    let before = app.audit_entries().await.len();
    owner.put("/users/ada/password", json!({ "password": "password" })).await.expect_status(400);
    owner.put("/users/ada/password", json!({ "password": "AnotherSecurePassword!" })).await.expect_status(204);
    let entries = app.audit_entries().await.split_off(before);
    assert_eq!(entries.iter().map(shown).collect::<Vec<_>>(), ["write user \"ada\" 400", "write user \"ada\" 204"]);
    assert!(entries.iter().all(|entry| (&entry.user_id, &entry.resource_id) == (&id, &ada)), "{entries:?}");
    assert_eq!((&entries[0].diff, &entries[1].diff), (&json!({}), &json!({ "hashed_password": { "secret": true } })));
}

#[tokio::test]
async fn the_entry_of_a_refused_password_change_has_the_status_of_the_answer() {
    let cast = Cast::assemble().await;
    let id = |name: &str| format!("/users/{name}");
    let ada = cast.app.create_user(&cast.owner, "ada").await;
    let auditor = cast.auditor.get("/users/me").await.text_at("/id");
    let entries_of = async |before: usize| cast.app.audit_entries().await.split_off(before);
    let before = cast.app.audit_entries().await.len();
    let path = format!("{}/password", id("ada"));
    for password in ["AnotherSecurePassword!", "weak"] {
        cast.auditor.put(&path, json!({ "password": password })).await.expect_status(404);
    }
    cast.auditor.put(&path, json!("no object")).await.expect_status(404);
    cast.owner.put(&path, json!({ "password": 7 })).await.expect_status(400);
    let owners = format!("{}/password", id("owner"));
    cast.user_admin.put(&owners, json!({ "password": "AnotherSecurePassword!" })).await.expect_status(400);
    // An unknown user has no entry: there is no id to record.
    cast.owner.put("/users/unknown/password", json!({ "password": "AnotherSecurePassword!" })).await.expect_status(404);
    let entries = entries_of(before).await;
    let expected = [
        "write user \"ada\" 404",
        "write user \"ada\" 404",
        "write user \"ada\" 404",
        "write user \"ada\" 400",
        "write user \"owner\" 400",
    ];
    assert_eq!(entries.iter().map(shown).collect::<Vec<_>>(), expected);
    assert!(entries[..3].iter().all(|entry| (&entry.user_id, &entry.resource_id) == (&auditor, &ada)), "{entries:?}");
    assert!(entries.iter().all(|entry| entry.diff == json!({})), "{entries:?}");
}

#[tokio::test]
async fn entries_expire_after_the_configured_retention() {
    let (app, _owner) = TestApp::with_settings(&[("ROSTER_AUDIT_LOGS_RETENTION", "24h")]).await;
    let entries = app.audit_entries().await;
    assert!(!entries.is_empty());
    for entry in entries {
        assert_eq!(entry.expires, Some(entry.at_micros / 1_000_000 + 24 * 3600));
    }
    let app = TestApp::start().await;
    app.set_up().await;
    assert!(app.audit_entries().await.iter().all(|entry| entry.expires.is_none()));
}

/// The entries that `act` adds.
async fn entries_of<T>(app: &TestApp, act: impl Future<Output = T>) -> Vec<StoredEntry> {
    let before = app.audit_entries().await.len();
    act.await;
    app.audit_entries().await.split_off(before)
}

#[tokio::test]
async fn creating_a_user_writes_one_entry_with_every_field() {
    let (app, owner) = TestApp::with_owner().await;
    let mut body = TestApp::new_user("ada");
    body["name"] = json!("Ada");
    body["roles"] = json!(["auditor"]);
    let entry = entries_of(&app, owner.post("/users", body)).await.remove(0);
    let ada = owner.get("/users/ada").await.expect_status(200).text_at("/id");
    assert_eq!(shown(&entry), "create user \"ada\" 201");
    let value = |old: Value, new: Value| json!({ "old": old, "new": new, "secret": false });
    let created = json!({
        "id": value(json!(""), json!(ada)),
        "email": value(json!(""), json!("ada@example.com")),
        "username": value(json!(""), json!("ada")),
        "status": value(json!(""), json!("dormant")),
        "rbac_roles": value(json!([]), json!(["auditor"])),
        "login_type": value(json!(""), json!("password")),
        "name": value(json!(""), json!("Ada")),
        "hashed_password": { "secret": true },
    });
    assert_eq!(entry.diff, created);
}

#[tokio::test]
async fn each_change_of_a_user_writes_one_entry_with_the_changed_fields() {
    let (app, owner) = TestApp::with_owner().await;
    let by = owner.get("/users/me").await.text_at("/id");
    let ada = owner.create_user_with("ada", json!({ "name": "Ada", "roles": ["auditor"] })).await.text_at("/id");
    let value = |old: Value, new: Value| json!({ "old": old, "new": new, "secret": false });
    let none = json!({});
    let own_name = json!({ "username": "ada", "name": "Ada" });
    for (method, path, body, expected, diff) in [
        (Method::PUT, "profile", own_name, "write user \"ada\" 200", none.clone()),
        (
            Method::PUT,
            "profile",
            json!({ "username": "countess", "avatar_url": "/a" }),
            "write user \"countess\" 200",
            json!({ "username": value(json!("ada"), json!("countess")), "name": value(json!("Ada"), json!("")) }),
        ),
        (
            Method::PUT,
            "status/suspend",
            none.clone(),
            "write user \"countess\" 200",
            json!({ "status": value(json!("dormant"), json!("suspended")) }),
        ),
        (Method::PUT, "status/suspend", none.clone(), "write user \"countess\" 200", none.clone()),
        (
            Method::PUT,
            "status/activate",
            none.clone(),
            "write user \"countess\" 200",
            json!({ "status": value(json!("suspended"), json!("active")) }),
        ),
        (
            Method::PUT,
            "roles",
            json!({ "roles": [] }),
            "write user \"countess\" 200",
            json!({ "rbac_roles": value(json!(["auditor"]), json!([])) }),
        ),
        (
            Method::DELETE,
            "",
            none.clone(),
            "delete user \"countess\" 200",
            json!({ "deleted": value(json!(false), json!(true)) }),
        ),
        (Method::DELETE, "", none.clone(), "delete user \"countess\" 200", none.clone()),
    ] {
        let path = format!("/users/{ada}/{path}");
        let entries = entries_of(&app, owner.call(method, &path, Some(body))).await;
        assert_eq!(entries.iter().map(shown).collect::<Vec<_>>(), [expected], "{path}");
        assert_eq!((&entries[0].user_id, &entries[0].resource_id, &entries[0].diff), (&by, &ada, &diff), "{path}");
        assert!(entries[0].ip == "192.0.2.7", "{entries:?}");
    }
}

#[tokio::test]
async fn a_new_ssh_key_writes_an_entry_with_the_public_key() {
    let (app, owner) = TestApp::with_owner().await;
    let old = owner.get("/users/me/gitsshkey").await.expect_status(200).text_at("/public_key");
    let entry = entries_of(&app, owner.call(Method::PUT, "/users/me/gitsshkey", None)).await.remove(0);
    let new = owner.get("/users/me/gitsshkey").await.expect_status(200).text_at("/public_key");
    assert_eq!((entry.resource_type.as_str(), entry.action.as_str(), entry.status), ("git_ssh_key", "write", 200));
    assert_eq!(entry.target, new);
    let change = json!({ "old": old, "new": new, "secret": false });
    assert_eq!(entry.diff, json!({ "public_key": change, "private_key": { "secret": true } }));
}

#[tokio::test]
async fn a_refused_change_writes_an_entry_only_when_the_user_is_found() {
    let cast = Cast::assemble().await;
    let ada = cast.app.create_user(&cast.owner, "ada").await;
    let auditor = cast.auditor.get("/users/me").await.text_at("/id");
    let name = json!({ "username": "ada" });
    for (method, path, body, expected) in [
        (Method::DELETE, "/users/ada", json!({}), "delete user \"ada\" 403"),
        (Method::PUT, "/users/ada/profile", name.clone(), "write user \"ada\" 403"),
        (Method::PUT, "/users/ada/profile", json!({ "username": "bob" }), "write user \"ada\" 404"),
        (Method::PUT, "/users/ada/profile", json!({ "username": "_" }), "write user \"ada\" 400"),
        (Method::PUT, "/users/ada/profile", json!([]), "write user \"ada\" 400"),
        (Method::PUT, "/users/ada/status/suspend", json!({}), "write user \"ada\" 403"),
        (Method::PUT, "/users/ada/status/activate", json!({}), "write user \"ada\" 403"),
        (Method::PUT, "/users/ada/roles", json!({ "roles": [] }), "write user \"ada\" 403"),
        (Method::PUT, "/users/me/roles", json!({ "roles": [] }), "write user \"auditor\" 400"),
    ] {
        let entries = entries_of(&cast.app, cast.auditor.call(method, path, Some(body.clone()))).await;
        assert_eq!(entries.iter().map(shown).collect::<Vec<_>>(), [expected], "{path} {body}");
        assert_eq!((&entries[0].user_id, &entries[0].diff), (&auditor, &json!({})), "{path}");
        assert!(path.contains("me") || entries[0].resource_id == ada, "{entries:?}");
    }
    // There is no entry when the user is hidden or unknown, without a token, for a read, or for a refused creation.
    let member = &cast.member;
    assert_eq!(entries_of(&cast.app, member.delete("/users/ada")).await, []);
    assert_eq!(entries_of(&cast.app, cast.app.anonymous().delete("/users/ada")).await, []);
    assert_eq!(entries_of(&cast.app, cast.owner.put("/users/unknown/profile", name)).await, []);
    assert_eq!(entries_of(&cast.app, cast.auditor.get("/users/ada/gitsshkey")).await, []);
    assert_eq!(entries_of(&cast.app, member.post("/users", TestApp::new_user("bob"))).await, []);
}
