//! The permissions of the caller are checked again by the write.

use http::Method;
use roster_tests::{Actor, Fault, TestApp};
use serde_json::{Value, json};

use super::{assert_counted, item_keys, with_used_session};

/// A user admin who has used the session.
async fn user_admin(app: &TestApp, owner: &Actor) -> Actor {
    let admin = app.user_with_roles(owner, "admin", &["user-admin"]).await;
    admin.get("/users/me").await.expect_status(200);
    admin
}

/// A change by an admin, and how the admin loses the permission between read and write.
struct Loss {
    change: (Method, &'static str, Value),
    meanwhile: (Method, &'static str, Value),
    /// The status of a repeated request.
    afterwards: u16,
}

#[tokio::test]
async fn a_caller_who_loses_the_permission_before_the_write_changes_nothing() {
    let creation = (Method::POST, "/users", TestApp::new_user("bob"));
    let renaming = (Method::PUT, "/users/ada/profile", json!({ "username": "bob", "name": "" }));
    let suspension = (Method::PUT, "/users/admin/status/suspend", Value::Null);
    let demotion = (Method::PUT, "/users/admin/roles", json!({ "roles": [] }));
    let deletion = (Method::DELETE, "/users/admin", Value::Null);
    let losses = [
        Loss { change: creation.clone(), meanwhile: suspension.clone(), afterwards: 401 },
        Loss { change: creation.clone(), meanwhile: demotion.clone(), afterwards: 403 },
        Loss { change: creation, meanwhile: deletion.clone(), afterwards: 401 },
        Loss { change: renaming.clone(), meanwhile: suspension, afterwards: 401 },
        Loss { change: renaming.clone(), meanwhile: demotion, afterwards: 404 },
        Loss { change: renaming, meanwhile: deletion, afterwards: 401 },
    ];
    for Loss { change: (method, path, body), meanwhile: loss, afterwards } in losses {
        let (app, owner) = with_used_session().await;
        let admin = user_admin(&app, &owner).await;
        app.create_user(&owner, "ada").await;
        app.faults.script([Fault::None, Fault::Hold]);
        let held = admin.call(method.clone(), path, Some(body.clone()));
        let meanwhile = owner.call(loss.0, loss.1, Some(loss.2));
        let (refused, meanwhile) = app.faults.interleave(held, meanwhile).await;
        meanwhile.expect_status(200);
        assert_eq!(refused.status, 409, "{path}, {}: {}", loss.1, refused.text);
        assert!(!item_keys(&app).await.iter().any(|key| key.contains("bob")), "{path}, {}", loss.1);
        assert_eq!(admin.call(method, path, Some(body)).await.status, afterwards, "{path}, {}", loss.1);
    }
}

#[tokio::test]
async fn a_caller_who_logs_out_before_the_write_changes_nothing() {
    let (app, owner) = with_used_session().await;
    let admin = user_admin(&app, &owner).await;
    app.faults.script([Fault::None, Fault::Hold]);
    let held = admin.post("/users", TestApp::new_user("bob"));
    let (refused, left) = app.faults.interleave(held, admin.post("/users/logout", Value::Null)).await;
    left.expect_status(200);
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(!item_keys(&app).await.iter().any(|key| key.contains("bob")));
    admin.post("/users", TestApp::new_user("bob")).await.expect_status(401);
}

#[tokio::test]
async fn a_caller_who_loses_the_permission_before_the_read_is_refused() {
    let (app, owner) = with_used_session().await;
    let admin = user_admin(&app, &owner).await;
    let before = item_keys(&app).await;
    app.faults.script([Fault::Hold]);
    let held = admin.post("/users", TestApp::new_user("bob"));
    let suspend = owner.put("/users/admin/status/suspend", Value::Null);
    let (refused, meanwhile) = app.faults.interleave(held, suspend).await;
    meanwhile.expect_status(200);
    refused.expect_status(401);
    let mut expected = before;
    assert!(expected.remove("DIRECTORY#STATUS#active / admin"));
    expected.insert("DIRECTORY#STATUS#suspended / admin".to_owned());
    assert_eq!(item_keys(&app).await, expected);
}

#[tokio::test]
async fn one_of_two_owners_who_demote_each_other_stays() {
    let (app, owner) = with_used_session().await;
    let other = app.user_with_roles(&owner, "other", &["owner"]).await;
    other.get("/users/me").await.expect_status(200);
    app.faults.script([Fault::None, Fault::Hold]);
    let demotion = json!({ "roles": [] });
    let held = owner.put("/users/other/roles", demotion.clone());
    let (refused, demoted) = app.faults.interleave(held, other.put("/users/owner/roles", demotion)).await;
    demoted.expect_status(200);
    // Both the precondition and the rule of the last owner fail; the rule is checked first.
    refused.expect_status(403);
    assert_eq!(other.get("/users/me").await.expect_status(200).text_at("/roles/0/name"), "owner");
}

#[tokio::test]
async fn an_overtaken_change_is_decided_again_on_the_new_state() {
    let (app, owner) = with_used_session().await;
    app.create_user(&owner, "ada").await;
    app.faults.script([Fault::None, Fault::Hold]);
    let held = owner.put("/users/ada/roles", json!({ "roles": ["auditor"] }));
    let renamed = owner.put("/users/ada/profile", json!({ "username": "lovelace", "name": "Ada" }));
    let (promoted, renamed) = app.faults.interleave(held, renamed).await;
    renamed.expect_status(200);
    promoted.expect_status(200);
    let ada = owner.get("/users/lovelace").await.expect_status(200);
    assert_eq!((ada.text_at("/roles/0/name"), ada.text_at("/name")), ("auditor".to_owned(), "Ada".to_owned()));
    assert_counted(&app, &owner).await;
}
