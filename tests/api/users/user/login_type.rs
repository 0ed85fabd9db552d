//! `GET /users/{user}/login-type`.

use http::Method;
use roster_tests::TestApp;
use serde_json::json;

use crate::cases::cases;

#[tokio::test]
async fn every_user_reads_their_own_login_type() {
    let (app, owner) = TestApp::with_owner().await;
    let id = owner.create_user_with("robot", json!({ "password": null, "login_type": "none" })).await.text_at("/id");
    let key = owner.call(Method::POST, &format!("/users/{id}/keys"), None).await.expect_status(201);
    let robot = app.anonymous().with_token(key.text_at("/key"));
    for (actor, name, login_type) in [(&owner, "owner", "password"), (&robot, "ROBOT", "none")] {
        for target in ["me", name] {
            let answer = actor.get(&format!("/users/{target}/login-type")).await.expect_status(200);
            assert_eq!(answer.json(), json!({ "login_type": login_type }));
        }
    }
}

cases! {
    a_member_reads_their_own_login_type: member GET "/users/me/login-type" => 200;
    an_owner_may_not_read_another_login_type: owner GET "/users/ada/login-type" => 403;
    an_auditor_may_not_read_another_login_type: auditor GET "/users/ada/login-type" => 403;
    the_login_type_of_an_unknown_user_is_not_found: owner GET "/users/nobody/login-type" => hidden;
    the_login_type_of_a_hidden_user_is_not_found: member GET "/users/ada/login-type" => hidden;
    a_login_type_without_a_token_is_refused: anonymous GET "/users/me/login-type" => 401;
}
