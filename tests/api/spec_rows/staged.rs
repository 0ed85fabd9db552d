//! Rows of docs/api/users.md#statuses-by-endpoint that take a deployment, a setting or a caller of their own.

use std::sync::Arc;

use http::Method;
use roster::app::App;
use roster::clock::Random;
use roster::config::Config;
use roster::storage::dynamodb::client;
use roster_local::gateway::Gateway;
use roster_tests::app::PASSWORD;
use roster_tests::cast::{UNKNOWN, assert_signed_out, with};
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

fn first_user() -> Value {
    json!({ "email": "owner@example.com", "username": "owner", "password": PASSWORD })
}

#[tokio::test]
async fn get_first_user_404() {
    let app = TestApp::start().await;
    let absent = app.anonymous().get("/users/first").await.expect_status(404);
    assert!(!absent.header("x-coder-build-version").is_empty());
}

#[tokio::test]
async fn post_first_user_201() {
    let app = TestApp::start().await;
    app.anonymous().post("/users/first", first_user()).await.expect_status(201);
}

#[tokio::test]
async fn post_first_user_400_body() {
    let app = TestApp::start().await;
    let body = json!({ "email": "x", "username": "-", "name": " ", "password": "" });
    let refused = app.anonymous().post("/users/first", body).await.expect_status(400);
    assert_eq!(refused.invalid_fields(), ["email", "username", "name", "password"]);
}

#[tokio::test]
async fn post_first_user_400_weak_password() {
    let app = TestApp::start().await;
    let body = with(&first_user(), &json!({ "password": "password" }));
    let refused = app.anonymous().post("/users/first", body).await.expect_status(400);
    assert_eq!(refused.invalid_fields(), ["password"]);
}

/// The same deployment, started again with other settings.
async fn with_setting(app: &TestApp, setting: (&str, &str)) -> Gateway {
    let settings = [
        ("ROSTER_ENCRYPTION_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        ("ROSTER_ACCESS_URL", "http://roster.test"),
        setting,
    ];
    let lookup = |name: &str| settings.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let config = Config::from_lookup(&lookup).expect("the settings are right");
    let client = client::connect(Some(app.endpoint())).await;
    let restarted = App::new(config, client, app.clock.clone(), Arc::new(Random::from_seed(2)));
    Gateway::new(restarted.expect("the service starts")).expect("every route is declared once")
}

#[tokio::test]
async fn post_users_403_password_auth_disabled() {
    let (app, owner) = TestApp::with_owner().await;
    let gateway = with_setting(&app, ("ROSTER_DISABLE_PASSWORD_AUTH", "true")).await;
    let owner = Actor::anonymous(gateway).with_token(owner.token());
    let refused = owner.post("/users", TestApp::new_user("ada")).await.expect_status(403);
    assert_eq!(refused.invalid_fields(), Vec::<String>::new());
    let robot = json!({ "login_type": "none", "password": null });
    owner.post("/users", with(&TestApp::new_user("robot"), &robot)).await.expect_status(201);
}

#[tokio::test]
async fn put_suspend_200_again_and_again() {
    let (app, owner) = TestApp::with_owner().await;
    app.create_user(&owner, "ada").await;
    for _ in 0..2 {
        owner.call(Method::PUT, "/users/ada/status/suspend", None).await.expect_status(200);
    }
}

#[tokio::test]
async fn any_endpoint_401_without_a_token_with_a_bad_one_and_for_a_suspended_caller() {
    let (app, owner) = TestApp::with_owner().await;
    let ada = app.user_with_roles(&owner, "ada", &[]).await;
    owner.call(Method::PUT, "/users/ada/status/suspend", None).await.expect_status(200);
    let nobody = app.anonymous();
    for path in ["/users", "/users/roles", "/users/me", "/users/ada", &format!("/users/{UNKNOWN}/roles")] {
        assert_signed_out(&nobody.get(path).await);
        assert_signed_out(&nobody.with_token("0123456789-0123456789012345678901").get(path).await);
        ada.get(path).await.expect_status(401);
    }
}

#[tokio::test]
async fn wrong_method_405_without_a_body() {
    let (app, owner) = TestApp::with_owner().await;
    for (actor, method, path) in [
        (&app.anonymous(), Method::PUT, "/users"),
        (&owner, Method::DELETE, "/users/me/appearance"),
        (&owner, Method::POST, "/users/me/password"),
        (&owner, Method::GET, "/users/me/status/suspend"),
    ] {
        let answer = actor.call(method, path, None).await.expect_status(405);
        assert_eq!(answer.text, "", "{path}");
        assert!(!answer.header("allow").is_empty(), "{path}");
    }
}
