//! Passwords that another user or the service chose (docs/api/passwords.md#temporary-passwords).

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::cast::{assert_invalid, assert_says_only_a_message, with};
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

use super::{ANOTHER, change, own_change, reset, robot};

/// `must_change_password` in the answer to a login; `null` when it is missing.
async fn sign_in(app: &TestApp, name: &str, password: &str) -> (Actor, Value) {
    let answer = app.login(&format!("{name}@example.com"), password).await.expect_status(201);
    let mark = answer.json()["must_change_password"].clone();
    (app.anonymous().with_token(answer.text_at("/session_token")), mark)
}

/// `must_change_password` in one's own user object.
async fn own_mark(actor: &Actor) -> Value {
    actor.get("/users/me").await.expect_status(200).json()["must_change_password"].clone()
}

#[tokio::test]
async fn a_password_given_at_creation_is_temporary_until_the_user_changes_it() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    let (ada, mark) = sign_in(&app, "ada", PASSWORD).await;
    assert_eq!((mark, own_mark(&ada).await), (json!(true), json!(true)));
    change(&ada, "me", own_change()).await.expect_status(204);
    let (ada, mark) = sign_in(&app, "ada", ANOTHER).await;
    assert_eq!((mark, own_mark(&ada).await), (Value::Null, Value::Null));
}

#[tokio::test]
async fn a_reset_makes_the_password_temporary_again() {
    let (app, owner, _) = TestApp::with_actor("ada", &[]).await;
    let (ada, _) = sign_in(&app, "ada", PASSWORD).await;
    change(&ada, "me", own_change()).await.expect_status(204);
    change(&owner, "ada", json!({ "password": PASSWORD })).await.expect_status(204);
    let (ada, mark) = sign_in(&app, "ada", PASSWORD).await;
    assert_eq!((mark, own_mark(&ada).await), (json!(true), json!(true)));
}

#[tokio::test]
async fn the_mark_is_absent_for_a_password_that_the_user_chose() {
    let (app, _) = TestApp::with_owner().await;
    let (owner, mark) = sign_in(&app, "owner", PASSWORD).await;
    assert_eq!((mark, own_mark(&owner).await), (Value::Null, Value::Null));
    let login = app.login("owner@example.com", PASSWORD).await.text;
    let me = owner.get("/users/me").await.text;
    assert!(![login, me].concat().contains("must_change_password"));
}

#[tokio::test]
async fn a_user_without_a_password_has_no_temporary_password() {
    let (app, owner) = TestApp::with_owner().await;
    assert_eq!(own_mark(&robot(&app, &owner).await).await, Value::Null);
}

#[tokio::test]
async fn only_the_user_sees_the_mark() {
    let (app, owner, id) = TestApp::with_user("ada").await;
    let (ada, _) = sign_in(&app, "ada", PASSWORD).await;
    for user in ["me", "ada", &id] {
        let own = ada.get(&format!("/users/{user}")).await.expect_status(200).json();
        assert_eq!(own["must_change_password"], json!(true), "{user}");
    }
    let profile = json!({ "username": "ada", "name": "Ada" });
    let answers_to_others = [
        owner.get("/users/ada").await,
        owner.get(&format!("/users/{id}")).await,
        owner.get("/users").await,
        owner.put("/users/ada/profile", profile).await,
        owner.put("/users/ada/roles", json!({ "roles": ["auditor"] })).await,
        owner.call(Method::PUT, "/users/ada/status/activate", None).await,
    ];
    for answer in answers_to_others {
        let text = answer.expect_status(200).text;
        assert!(!text.contains("must_change_password"), "{text}");
    }
}

#[tokio::test]
async fn a_temporary_password_refuses_no_request() {
    let (app, _owner, admin) = TestApp::with_actor("admin", &["user-admin"]).await;
    assert_eq!(own_mark(&admin).await, json!(true));
    app.create_user(&admin, "ada").await;
    admin.get("/users").await.expect_status(200);
    let token = admin.create_token(json!({})).await;
    token.get("/users/ada").await.expect_status(200);
    admin.put("/users/me/preferences", json!({})).await.expect_status(200);
}

/// Creates a user with a generated password.
fn without_password(name: &str) -> Value {
    with(&TestApp::new_user(name), &json!({ "password": null, "generate_password": true }))
}

#[tokio::test]
async fn a_generated_password_is_shown_once_and_signs_in() {
    let (app, owner) = TestApp::with_owner().await;
    let created = owner.post("/users", without_password("ada")).await.expect_status(201);
    let password = created.text_at("/password");
    assert_eq!(password.len(), 20);
    let verdict = owner.post("/users/validate-password", json!({ "password": password })).await;
    assert_eq!(verdict.expect_status(200).json()["valid"], json!(true));
    let (ada, mark) = sign_in(&app, "ada", &password).await;
    assert_eq!((mark, own_mark(&ada).await), (json!(true), json!(true)));
    for answer in [owner.get("/users/ada").await, owner.get("/users").await, ada.get("/users/me").await] {
        let text = answer.expect_status(200).text;
        assert!(!text.contains(&password) && !text.contains("\"password\":"), "{text}");
    }
    let stored = format!("{:?}", app.items().await);
    assert!(!stored.contains(&password), "the table stores only a hash");
}

#[tokio::test]
async fn a_generated_password_is_the_only_extra_member() {
    let (_app, owner) = TestApp::with_owner().await;
    let created = owner.post("/users", without_password("ada")).await.expect_status(201).json();
    let shown = owner.get("/users/ada").await.expect_status(200).json();
    assert_eq!(with(&created, &json!({ "password": null })), shown);
}

#[tokio::test]
async fn generated_passwords_differ() {
    let (_app, owner) = TestApp::with_owner().await;
    let mut passwords = Vec::new();
    for name in ["ada", "bob", "cyd"] {
        passwords.push(owner.post("/users", without_password(name)).await.expect_status(201).text_at("/password"));
    }
    passwords.sort();
    passwords.dedup();
    assert_eq!(passwords.len(), 3);
}

#[tokio::test]
async fn generating_a_password_is_refused_beside_one_or_without_a_use() {
    let (_app, owner) = TestApp::with_owner().await;
    let wish = without_password("ada");
    let refused = [
        with(&wish, &json!({ "password": PASSWORD })),
        with(&wish, &json!({ "login_type": "none" })),
        with(&wish, &json!({ "login_type": "github" })),
        with(&wish, &json!({ "service_account": true, "email": null })),
    ];
    for body in refused {
        let answer = owner.post("/users", body).await.expect_status(400);
        assert_says_only_a_message(&answer);
    }
    owner.get("/users/ada").await.expect_status(404);
}

#[tokio::test]
async fn without_generation_a_password_is_required() {
    let (_app, owner) = TestApp::with_owner().await;
    for wish in [Value::Null, json!(false)] {
        let body = with(&without_password("ada"), &json!({ "generate_password": wish }));
        assert_invalid(&owner.post("/users", body).await, &["password"]);
    }
}

#[tokio::test]
async fn a_generated_password_is_not_shown_after_a_reset() {
    let (app, owner) = TestApp::with_owner().await;
    let chosen = owner.post("/users", without_password("ada")).await.expect_status(201).text_at("/password");
    let same = change(&owner, "ada", json!({ "password": chosen })).await.expect_status(400);
    assert_eq!(same.text_at("/message"), "New password cannot match old password.");
    change(&owner, "ada", reset()).await.expect_status(204);
    app.login("ada@example.com", &chosen).await.expect_status(401);
    app.login("ada@example.com", ANOTHER).await.expect_status(201);
}
