//! `PUT /users/{user}/profile`.

use http::StatusCode;
use roster::domain::user::{LoginType, User};
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

use crate::cases::cases;
use crate::users::imported_user;
use crate::users::{Cast, assert_forbidden, assert_hidden, assert_invalid, item_keys, with};

async fn update(actor: &Actor, user: &str, body: Value) -> Answer {
    actor.put(&format!("/users/{user}/profile"), body).await
}

/// Asserts a 409 that names the username.
#[track_caller]
fn assert_taken(answer: &Answer) {
    assert_eq!(
        (answer.status.as_u16(), answer.invalid_fields()),
        (409, vec!["username".to_owned()]),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn every_user_changes_their_own_name_and_avatar() {
    let cast = Cast::assemble().await;
    for actor in [&cast.owner, &cast.user_admin, &cast.auditor, &cast.template_admin, &cast.member] {
        let id = actor.get("/users/me").await.expect_status(200).text_at("/id");
        let path = format!("/users/{id}");
        let before = cast.owner.get(&path).await.expect_status(200).json();
        let body = json!({
            "username": before["username"], "name": "Ada L", "avatar_url": "https://example.com/a.png",
        });
        let after = update(actor, "me", body.clone()).await.expect_status(200).json();
        assert_eq!(after, with(&with(&before, &body), &json!({ "updated_at": after["updated_at"] })));
        assert_ne!(after["updated_at"], before["updated_at"]);
        assert_eq!(cast.owner.get(&path).await.json(), after);
    }
}

#[tokio::test]
async fn absent_and_null_members_are_cleared() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    let ways = [
        json!({ "username": "ada" }),
        json!({ "username": "ada", "name": "", "avatar_url": "" }),
        json!({ "username": "ada", "name": null, "avatar_url": null }),
    ];
    for body in ways {
        let full = json!({ "username": "ada", "name": "Ada", "avatar_url": "/a.png" });
        assert_eq!(update(&owner, "ada", full).await.expect_status(200).text_at("/name"), "Ada");
        let after = update(&owner, "ada", body).await.expect_status(200).json();
        assert_eq!((after.get("name"), after.get("avatar_url")), (None, None));
        assert_eq!(owner.get("/users/ada").await.json(), after);
    }
}

#[tokio::test]
async fn any_text_is_an_avatar_without_an_identity_provider() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    owner.create_user_with("robot", json!({ "password": null, "login_type": "none" })).await;
    for user in ["ada", "robot"] {
        for avatar in ["/emojis/1.png", "data:image/png;base64,AAAA", "no url at all"] {
            let answer =
                update(&owner, user, json!({ "username": user, "avatar_url": avatar })).await.expect_status(200);
            assert_eq!(answer.text_at("/avatar_url"), avatar);
            assert_eq!(owner.get(&format!("/users/{user}")).await.text_at("/avatar_url"), avatar);
        }
    }
}

#[tokio::test]
async fn an_avatar_from_an_identity_provider_is_kept() {
    let (app, owner) = TestApp::with_owner().await;
    owner.create_user_with("ada", json!({ "password": null, "login_type": "github" })).await;
    let avatar_url = "https://idp.example/bob.png".to_owned();
    let bob = User { login_type: LoginType::Oidc, avatar_url, username: "bob".to_owned(), ..imported_user(1) };
    app.import_users(&[bob]).expect("users can be imported");
    for (name, kept) in [("ada", None), ("bob", Some(json!("https://idp.example/bob.png")))] {
        let body = json!({ "username": name, "name": "Ada", "avatar_url": "https://example.com/a.png" });
        let after = update(&owner, name, body).await.expect_status(200).json();
        assert_eq!((&after["name"], after.get("avatar_url")), (&json!("Ada"), kept.as_ref()));
    }
}

#[tokio::test]
async fn the_email_address_in_the_body_is_ignored() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    let answer =
        update(&owner, "ada", json!({ "username": "ada", "email": "new@example.com" })).await.expect_status(200);
    assert_eq!(answer.text_at("/email"), "ada@example.com");
}

#[tokio::test]
async fn a_rename_moves_the_claim_and_frees_the_old_name() {
    let (app, owner, id) = TestApp::with_user("ada").await;
    let before = item_keys(&app).await;
    let answer = update(&owner, &id, json!({ "username": "Countess" })).await.expect_status(200);
    assert_eq!(answer.text_at("/username"), "Countess");
    let mut expected: Vec<String> = before
        .iter()
        .map(|key| key.strip_suffix(" / ada").map_or(key.clone(), |list| format!("{list} / countess")))
        .collect();
    expected.sort();
    assert_eq!(item_keys(&app).await, expected);
    assert_eq!(owner.get("/users/COUNTESS").await.expect_status(200).text_at("/id"), id);
    assert_hidden(&owner, &owner.get("/users/ada").await).await;
    let next = with(&TestApp::new_user("ada"), &json!({ "email": "next@example.com" }));
    assert_ne!(owner.post("/users", next).await.expect_status(201).text_at("/id"), id);
}

#[tokio::test]
async fn a_rename_keeps_the_session_and_the_login() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    update(&owner, "ada", json!({ "username": "countess" })).await.expect_status(200);
    assert_eq!(ada.get("/users/me").await.expect_status(200).text_at("/username"), "countess");
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status, 201);
}

#[tokio::test]
async fn a_username_may_change_only_in_case() {
    let (app, owner, id) = TestApp::with_user("ada").await;
    let before = item_keys(&app).await;
    let answer = update(&owner, "ada", json!({ "username": "ADA" })).await.expect_status(200);
    assert_eq!((answer.text_at("/id"), answer.text_at("/username")), (id, "ADA".to_owned()));
    assert_eq!(item_keys(&app).await, before);
    assert_eq!(owner.get("/users/ada").await.expect_status(200).text_at("/username"), "ADA");
    assert_eq!(owner.get("/users?q=ada").await.text_at("/users/0/username"), "ADA");
    update(&owner, "me", json!({ "username": "Owner" })).await.expect_status(200);
}

#[tokio::test]
async fn renaming_oneself_needs_the_permission_to_change_users() {
    let cast = Cast::assemble().await;
    for (actor, name) in [(&cast.member, "member"), (&cast.auditor, "auditor")] {
        for wanted in ["countess", &name.to_uppercase(), "owner", "prebuilds"] {
            assert_hidden(actor, &update(actor, "me", json!({ "username": wanted, "name": "X" })).await).await;
        }
        let me = actor.get("/users/me").await.json();
        assert_eq!((&me["username"], me.get("name")), (&json!(name), None));
    }
}

#[tokio::test]
async fn a_taken_name_in_any_case_conflicts_and_changes_nothing() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    app.create_user(&owner, "Bob").await;
    let (before, user) = (item_keys(&app).await, owner.get("/users/ada").await.json());
    for taken in ["Bob", "bOB", "owner", "prebuilds", "PreBuilds"] {
        assert_taken(&update(&owner, "ada", json!({ "username": taken, "name": "X" })).await);
    }
    assert_eq!((item_keys(&app).await, owner.get("/users/ada").await.json()), (before, user));
}

#[tokio::test]
async fn the_name_of_a_deleted_user_is_free() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    app.create_user(&owner, "bob").await;
    owner.delete("/users/bob").await.expect_status(200);
    update(&owner, "ada", json!({ "username": "bob" })).await.expect_status(200);
}

#[tokio::test]
async fn only_one_of_two_concurrent_renames_to_one_name_succeeds() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    app.create_user(&owner, "bob").await;
    let (first, second) = tokio::join!(
        update(&owner, "ada", json!({ "username": "countess" })),
        update(&owner, "bob", json!({ "username": "Countess" })),
    );
    let mut statuses = [first.status, second.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::CONFLICT], "{} {}", first.text, second.text);
    assert_eq!(owner.get("/users").await.json()["count"], 3);
}

#[tokio::test]
async fn a_deleted_user_is_renamed_by_id_without_taking_the_name() {
    let (app, owner, id) = TestApp::with_user("ada").await;
    owner.delete("/users/ada").await.expect_status(200);
    let before = item_keys(&app).await;
    update(&owner, &id, json!({ "username": "countess" })).await.expect_status(200);
    assert_eq!(item_keys(&app).await, before);
    app.create_user(&owner, "countess").await;
    assert_eq!(owner.get(&format!("/users/{id}")).await.expect_status(200).text_at("/username"), "countess");
}

#[tokio::test]
async fn the_name_of_a_deleted_user_conflicts_with_the_next_user_of_the_name() {
    let (app, owner, id) = TestApp::with_user("ada").await;
    owner.delete("/users/ada").await.expect_status(200);
    update(&owner, &id, json!({ "username": "ada", "name": "Ada" })).await.expect_status(200);
    app.create_user(&owner, "Ada").await;
    let before = owner.get(&format!("/users/{id}")).await.json();
    // Another user has the unchanged name by now.
    for taken in ["ada", "ADA", "owner"] {
        let refused = update(&owner, &id, json!({ "username": taken })).await.expect_status(409);
        assert_eq!(refused.invalid_fields(), ["username"], "{taken}");
    }
    // The conflict is reported before the missing permission.
    let auditor = app.user_with_roles(&owner, "auditor", &["auditor"]).await;
    update(&auditor, &id, json!({ "username": "ada" })).await.expect_status(409);
    assert_eq!(owner.get(&format!("/users/{id}")).await.json(), before);
    update(&owner, &id, json!({ "username": "countess" })).await.expect_status(200);
    assert_forbidden(&update(&auditor, &id, json!({ "username": "countess" })).await);
}

#[tokio::test]
async fn an_avatar_that_is_too_long_is_refused() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    let body = |bytes: usize| json!({ "username": "ada", "avatar_url": "x".repeat(bytes) });
    let kept = update(&owner, "ada", body(65_536)).await.expect_status(200).text_at("/avatar_url");
    assert_eq!(kept.len(), 65_536);
    for bytes in [65_537, 500_000] {
        assert_invalid(&update(&owner, "ada", body(bytes)).await, &["avatar_url"]);
    }
    assert_eq!(owner.get("/users/ada").await.expect_status(200).text_at("/avatar_url"), kept);
}

#[tokio::test]
async fn invalid_fields_are_reported_together_in_request_order() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    let before = owner.get("/users/ada").await.json();
    let cases: [(Value, &[&str]); 6] = [
        (json!({}), &["username"]),
        (Value::Null, &["username"]),
        (json!({ "username": "a_b" }), &["username"]),
        (json!({ "username": "new", "name": " x" }), &["username", "name"]),
        (json!({ "username": "ada", "name": "x " }), &["name"]),
        (json!({ "username": "ada", "name": "x".repeat(129) }), &["name"]),
    ];
    for (body, fields) in cases {
        assert_invalid(&update(&owner, "ada", body).await, fields);
    }
    assert_eq!(owner.get("/users/ada").await.json(), before);
}

cases! {
    a_member_changes_their_own_name: member PUT "/users/me/profile" { "username": "member", "name": "Ada" } => 200;
    an_owner_renames_a_user: owner PUT "/users/ada/profile" { "username": "lovelace" } => 200;
    a_malformed_username_and_name_are_named_together:
        member PUT "/users/me/profile" { "username": "-", "name": " " } => 400;
    an_auditor_may_not_change_a_profile: auditor PUT "/users/ada/profile" { "username": "ada" } => 403;
    the_profile_of_an_unknown_user_is_not_changed:
        owner PUT "/users/nobody/profile" { "username": "nobody" } => hidden;
    the_profile_of_a_hidden_user_is_not_changed: member PUT "/users/ada/profile" { "username": "ada" } => hidden;
    an_invalid_profile_of_an_unknown_user_is_not_found: owner PUT "/users/nobody/profile" {} => hidden;
    an_invalid_profile_of_a_hidden_user_is_not_found: member PUT "/users/ada/profile" {} => hidden;
    a_member_may_not_rename_themselves: member PUT "/users/me/profile" { "username": "renamed" } => hidden;
    an_auditor_may_not_rename_a_user: auditor PUT "/users/ada/profile" { "username": "lovelace" } => hidden;
    a_taken_username_conflicts: owner PUT "/users/ada/profile" { "username": "Owner" } => 409;
    changing_a_profile_without_a_token_is_refused: anonymous PUT "/users/me/profile" { "username": "ada" } => 401;
}
