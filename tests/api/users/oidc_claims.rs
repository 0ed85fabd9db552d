//! `GET /users/oidc-claims`.

use http::Method;
use roster::domain::user::{LoginType, User, UserStatus};
use roster_tests::TestApp;
use serde_json::json;

use crate::cases::cases;
use crate::users::imported_user;

#[tokio::test]
async fn claims_of_users_of_other_login_types_are_refused() {
    let (_app, owner) = TestApp::with_owner().await;
    owner.create_user_with("robot", json!({ "login_type": "none", "password": "" })).await;
    let robot = owner.create_token_for("robot", json!({})).await;
    robot.get("/users/oidc-claims").await.expect_status(400);
}

/// Only an import creates such a user.
#[tokio::test]
async fn an_openid_user_without_a_link_is_an_internal_error() {
    let (app, owner) = TestApp::with_owner().await;
    let olga = User {
        username: "olga".to_owned(),
        status: UserStatus::Active,
        login_type: LoginType::Oidc,
        ..imported_user(7)
    };
    app.import_users(&[olga]).expect("users can be imported");
    let olga = owner.create_token_for("olga", json!({})).await;
    let answer = olga.get("/users/oidc-claims").await.expect_status(500);
    assert!(answer.text_at("/detail").contains(&answer.header("x-coder-request-id")), "{}", answer.text);
}

/// See docs/api/conventions.md#reserved-segments.
#[tokio::test]
async fn users_named_like_a_route_keep_their_own_routes() {
    let (app, owner) = TestApp::with_owner().await;
    for name in ["oidc", "oidc-claims"] {
        let id = app.create_user(&owner, name).await;
        assert_eq!(owner.get(&format!("/users/{name}/roles")).await.expect_status(200).json()["roles"], json!([]));
        let profile = json!({ "username": name, "name": "Ada" });
        let changed = owner.put(&format!("/users/{name}/profile"), profile).await.expect_status(200);
        assert_eq!(changed.text_at("/id"), id, "{name}");
        owner.get(&format!("/users/{name}/organizations/coder")).await.expect_status(200);
    }
    owner.call(Method::PUT, "/users/oidc-claims", None).await.expect_status(405);
    owner.delete("/users/oidc-claims").await.expect_status(200);
    owner.get("/users/oidc-claims/roles").await.expect_status(404);
}

cases! {
    claims_of_a_password_user_are_refused: member GET "/users/oidc-claims" => 400;
    claims_without_a_token_are_refused: anonymous GET "/users/oidc-claims" => 401;
}
