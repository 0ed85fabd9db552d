//! The order of the checks: the first that fails decides the answer (docs/api/passwords.md#password-change).

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::cast::{assert_hidden, assert_invalid, assert_says_only_a_message, assert_undecodable};
use roster_tests::{Actor, Answer, Cast, TestApp};
use serde_json::{Value, json};

use super::{ANOTHER, change, reset, robot};

const WEAK: &str = "newpassword";

/// Asserts a refusal without fields that equals another one.
#[track_caller]
fn assert_same_refusal(answer: &Answer, other: &Answer) {
    assert_eq!((answer.status.as_u16(), &answer.text), (400, &other.text));
    assert_says_only_a_message(answer);
}

/// Asserts that the keys and the password of the user still work.
async fn assert_nothing_changed(app: &TestApp, actor: &Actor, name: &str) {
    actor.get("/users/me").await.expect_status(200);
    app.login(&format!("{name}@example.com"), PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn without_the_permission_the_user_is_not_found_for_any_body() {
    let cast = Cast::assemble().await;
    robot(&cast.app, &cast.owner).await;
    for actor in [&cast.auditor, &cast.template_admin, &cast.member] {
        for user in ["owner", "user-admin", "robot", "unknown"] {
            for body in [reset(), json!({}), json!({ "password": 5 }), json!({ "password": WEAK }), Value::Null] {
                assert_hidden(actor, &change(actor, user, body).await).await;
            }
            let empty = actor.call(Method::PUT, &format!("/users/{user}/password"), None).await;
            assert_hidden(actor, &empty).await;
        }
    }
}

#[tokio::test]
async fn only_owners_change_the_password_of_an_owner_with_any_body() {
    let cast = Cast::assemble().await;
    let refused = change(&cast.user_admin, "owner", reset()).await.expect_status(400);
    assert_says_only_a_message(&refused);
    for body in [json!({}), json!({ "password": 5 }), json!({ "password": WEAK }), Value::Null] {
        assert_same_refusal(&change(&cast.user_admin, "owner", body).await, &refused);
    }
    let empty = cast.user_admin.call(Method::PUT, "/users/owner/password", None).await;
    assert_same_refusal(&empty, &refused);
    assert_nothing_changed(&cast.app, &cast.owner, "owner").await;
}

#[tokio::test]
async fn an_empty_password_is_reported_before_login_type_and_old_password() {
    let (app, owner) = TestApp::with_owner().await;
    robot(&app, &owner).await;
    for user in ["me", "robot"] {
        assert_undecodable(&change(&owner, user, json!({ "password": 5 })).await);
        for body in [json!({}), Value::Null, json!({ "password": "" }), json!({ "password": null })] {
            assert_invalid(&change(&owner, user, body).await, &["password"]);
        }
        let wrong = json!({ "old_password": "wrong", "password": "" });
        assert_invalid(&change(&owner, user, wrong).await, &["password"]);
    }
}

#[tokio::test]
async fn a_user_without_a_password_is_refused_for_every_caller_and_password() {
    let (app, owner) = TestApp::with_owner().await;
    let robot = robot(&app, &owner).await;
    let refused = change(&owner, "robot", reset()).await.expect_status(400);
    assert_says_only_a_message(&refused);
    assert_same_refusal(&change(&robot, "me", reset()).await, &refused);
    assert_same_refusal(&change(&owner, "robot", json!({ "password": WEAK })).await, &refused);
    let wrong = json!({ "old_password": "wrong", "password": WEAK });
    assert_same_refusal(&change(&owner, "robot", wrong).await, &refused);
    robot.get("/users/me").await.expect_status(200);
    app.login("robot@example.com", ANOTHER).await.expect_status(401);
}

#[tokio::test]
async fn an_own_change_needs_the_old_password_for_every_form_of_the_user() {
    let cast = Cast::assemble().await;
    let refused = change(&cast.owner, "me", reset()).await.expect_status(400);
    assert_says_only_a_message(&refused);
    for (actor, name) in [(&cast.owner, "owner"), (&cast.user_admin, "User-Admin"), (&cast.member, "member")] {
        let id = actor.get("/users/me").await.expect_status(200).text_at("/id");
        for user in ["me", name, &id] {
            assert_same_refusal(&change(actor, user, reset()).await, &refused);
        }
        // The missing old password is reported before the policy and before the comparison with the current password.
        for body in [
            json!({ "old_password": "", "password": WEAK }),
            json!({ "old_password": null, "password": ANOTHER }),
            json!({ "password": PASSWORD }),
        ] {
            assert_same_refusal(&change(actor, "me", body).await, &refused);
        }
        assert_nothing_changed(&cast.app, actor, &name.to_lowercase()).await;
    }
}

#[tokio::test]
async fn the_policy_is_checked_before_the_old_password() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    for user in ["me", "ada"] {
        for weak in [WEAK, "password", &"a".repeat(65), &"aB3$".repeat(17)] {
            let body = json!({ "old_password": "wrong", "password": weak });
            let refused = change(&owner, user, body).await;
            assert_invalid(&refused, &["password"]);
            assert!(!refused.text_at("/validations/0/detail").is_empty(), "{}", refused.text);
        }
    }
    assert_nothing_changed(&app, &owner, "owner").await;
}

#[tokio::test]
async fn a_wrong_old_password_is_reported_before_the_comparison() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    for user in ["me", "ada"] {
        for new in [ANOTHER, PASSWORD] {
            let body = json!({ "old_password": "wrong", "password": new });
            assert_invalid(&change(&owner, user, body).await, &["old_password"]);
        }
    }
    assert_nothing_changed(&app, &owner, "owner").await;
    app.login("ada@example.com", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn the_current_password_is_refused_with_the_text_that_terraform_expects() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    let requests = [
        ("me", json!({ "old_password": PASSWORD, "password": PASSWORD })),
        ("ada", json!({ "old_password": PASSWORD, "password": PASSWORD })),
        ("ada", json!({ "old_password": "", "password": PASSWORD })),
        ("ada", json!({ "password": PASSWORD })),
    ];
    for (user, body) in requests {
        let refused = change(&owner, user, body).await.expect_status(400);
        assert_eq!(refused.json(), json!({ "message": "New password cannot match old password." }));
    }
    assert_nothing_changed(&app, &owner, "owner").await;
}
