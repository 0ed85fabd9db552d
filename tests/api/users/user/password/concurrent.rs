//! Concurrent changes: the result is the same as if one had followed the other.

use std::pin::Pin;

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::cast::assert_invalid;
use roster_tests::{Fault, TestApp};
use serde_json::{Value, json};

use super::{ANOTHER, change, own_change};

const THIRD: &str = "YetAnotherSecurePassword!";

/// Holds the first request between its reads and its write, runs the second, then completes the first.
fn overtaken<'a, A: 'a, B: 'a>(
    app: &'a TestApp,
    first: impl Future<Output = A> + 'a,
    second: impl Future<Output = B> + 'a,
) -> Pin<Box<dyn Future<Output = (A, B)> + 'a>> {
    app.faults.script([Fault::None, Fault::Hold]);
    Box::pin(app.faults.interleave(first, second))
}

fn third_change() -> Value {
    json!({ "old_password": PASSWORD, "password": THIRD })
}

#[tokio::test]
async fn only_one_of_two_concurrent_own_changes_succeeds() {
    let (app, _owner, ada) = TestApp::with_actor("ada", &[]).await;
    ada.get("/users/me").await.expect_status(200);
    let first = change(&ada, "me", own_change());
    let (first, second) = overtaken(&app, first, change(&ada, "me", third_change())).await;
    second.expect_status(204);
    // The other change ended the session of this request.
    first.expect_status(409);
    app.login("ada@example.com", ANOTHER).await.expect_status(401);
    app.login("ada@example.com", THIRD).await.expect_status(201);
}

#[tokio::test]
async fn the_later_of_two_administrator_changes_has_a_wrong_old_password() {
    let (app, owner, id) = TestApp::with_user("ada").await;
    let boss = app.user_with_roles(&owner, "boss", &["owner"]).await;
    for actor in [&owner, &boss] {
        actor.get("/users/me").await.expect_status(200);
    }
    let first = change(&owner, &id, own_change());
    let (first, second) = overtaken(&app, first, change(&boss, &id, third_change())).await;
    second.expect_status(204);
    assert_invalid(&first, &["old_password"]);
    app.login("ada@example.com", THIRD).await.expect_status(201);
}

#[tokio::test]
async fn two_concurrent_resets_succeed_and_the_later_wins() {
    let (app, owner, id) = TestApp::with_user("ada").await;
    let boss = app.user_with_roles(&owner, "boss", &["owner"]).await;
    for actor in [&owner, &boss] {
        actor.get("/users/me").await.expect_status(200);
    }
    let first = change(&owner, &id, json!({ "password": ANOTHER }));
    let (first, second) = overtaken(&app, first, change(&boss, &id, json!({ "password": THIRD }))).await;
    second.expect_status(204);
    first.expect_status(204);
    app.login("ada@example.com", THIRD).await.expect_status(401);
    app.login("ada@example.com", ANOTHER).await.expect_status(201);
}

#[tokio::test]
async fn a_token_created_during_a_password_change_ends_with_the_others() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    ada.get("/users/me").await.expect_status(200);
    let token = ada.post("/users/me/keys/tokens", json!({ "token_name": "late" }));
    let (token, changed) = overtaken(&app, token, change(&ada, "me", own_change())).await;
    changed.expect_status(204);
    token.expect_status(409);
    assert_eq!(owner.get("/users/ada/keys/tokens").await.expect_status(200).json(), json!([]));
}

#[tokio::test]
async fn a_login_overtaken_by_a_password_change_gives_no_valid_session() {
    let (app, owner, _) = TestApp::with_actor("ada", &[]).await;
    owner.get("/users/me").await.expect_status(200);
    let login = app.login("ada@example.com", PASSWORD);
    let (login, changed) = overtaken(&app, login, change(&owner, "ada", own_change())).await;
    changed.expect_status(204);
    login.expect_status(401);
}

#[tokio::test]
async fn a_change_with_a_lost_answer_is_applied_once() {
    let (app, owner, id) = TestApp::with_user("ada").await;
    owner.get("/users/me").await.expect_status(200);
    app.faults.script([Fault::None, Fault::LostAnswer]);
    change(&owner, &id, own_change()).await.expect_status(204);
    app.login("ada@example.com", ANOTHER).await.expect_status(201);
}

#[tokio::test]
async fn a_user_suspended_or_deleted_before_the_write_changes_nothing() {
    let losses = [(Method::PUT, "/users/ada/status/suspend"), (Method::DELETE, "/users/ada")];
    let renaming = json!({ "username": "ada", "name": "Ada" });
    for (method, loss) in losses {
        for (path, body) in [("/users/me/password", own_change()), ("/users/me/profile", renaming.clone())] {
            let (app, owner) = TestApp::with_owner().await;
            let ada = app.user_with_roles(&owner, "ada", &[]).await;
            let id = ada.get("/users/me").await.expect_status(200).text_at("/id");
            owner.get("/users/me").await.expect_status(200);
            let lost = owner.call(method.clone(), loss, None);
            let (refused, lost) = overtaken(&app, ada.put(path, body), lost).await;
            lost.expect_status(200);
            assert_eq!(refused.status, 409, "{path}, {loss}: {}", refused.text);
            let user = owner.get(&format!("/users/{id}")).await.expect_status(200);
            assert_eq!(user.text_at_or_missing("/name"), None, "{loss}");
        }
    }
}

#[tokio::test]
async fn a_user_suspended_during_the_change_keeps_the_old_password() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    for actor in [&owner, &ada] {
        actor.get("/users/me").await.expect_status(200);
    }
    let suspend = owner.call(Method::PUT, "/users/ada/status/suspend", None);
    let (refused, suspended) = overtaken(&app, change(&ada, "me", own_change()), suspend).await;
    suspended.expect_status(200);
    refused.expect_status(409);
    owner.call(Method::PUT, "/users/ada/status/activate", None).await.expect_status(200);
    app.login("ada@example.com", PASSWORD).await.expect_status(201);
}
