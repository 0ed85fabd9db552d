//! `POST /users`: the created user and its items in the table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use roster_tests::TestApp;
use roster_tests::app::PASSWORD;
use serde_json::json;

use super::{ada, assert_nothing_left, create};
use crate::users::{Cast, NEVER, assert_invalid, item_keys, organization, short_id, with};

#[tokio::test]
async fn a_new_user_is_dormant_and_has_no_roles() {
    let (app, owner) = TestApp::with_owner().await;
    let organization = organization(&owner).await;
    let created = create(&owner, ada(&json!({}))).await.expect_status(201).json();
    assert_eq!(created["updated_at"], created["created_at"]);
    let id = created["id"].as_str().expect("an id");
    let parsed: uuid::Uuid = id.parse().expect("a UUID");
    assert_eq!((parsed.get_version_num(), parsed.to_string().as_str()), (4, id));
    assert_eq!(owner.get("/users/ada").await.expect_status(200).json(), created);
    let roles = owner.get("/users/ada/roles").await.expect_status(200).json();
    assert_eq!(roles, json!({ "roles": [], "organization_roles": { organization: [] } }));
    assert_eq!(owner.get("/users?limit=1").await.json()["count"], 2);
    assert!(app.login("ADA@example.com", PASSWORD).await.expect_status(201).text_at("/session_token").contains('-'));
}

#[tokio::test]
async fn creation_stores_the_expected_items_and_counts_the_user() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    let body = ada(&json!({ "username": "Ada", "email": "Ada.L@Example.COM" }));
    let user = create(&owner, body).await.expect_status(201).json();
    let short = short_id(&user);
    let mut added = item_keys(&app).await;
    added.retain(|key| !before.contains(key));
    let expected = [
        "DIRECTORY / ada".to_owned(),
        "DIRECTORY#EMAIL / example.com@l.ada".to_owned(),
        "DIRECTORY#STATUS#dormant / ada".to_owned(),
        "EMAIL#ada.l@example.com / CLAIM".to_owned(),
        format!("USER#{short} / GIT_SSH_KEY"),
        format!("USER#{short} / PASSWORD"),
        format!("USER#{short} / PROFILE"),
    ];
    assert_eq!(added, expected);
    let items = app.items().await;
    let counters = items.iter().filter_map(|item| item.get("users")?.as_n().ok()?.parse::<i64>().ok());
    assert_eq!(counters.sum::<i64>(), 2);
}

#[tokio::test]
async fn password_and_private_ssh_key_are_not_stored_in_plain_text() {
    let (app, owner) = TestApp::with_owner().await;
    create(&owner, ada(&json!({}))).await.expect_status(201);
    let stored: Vec<Vec<u8>> =
        app.items().await.into_iter().flat_map(HashMap::into_values).filter_map(bytes_of).collect();
    let occurs = |text: &str| stored.iter().any(|value| value.windows(text.len()).any(|part| part == text.as_bytes()));
    assert!(occurs("$argon2id$") && occurs("ssh-ed25519 "));
    for secret in [PASSWORD, "PRIVATE KEY", "openssh-key-v1"] {
        assert!(!occurs(secret), "{secret}");
    }
}

/// The bytes of a text or binary attribute.
fn bytes_of(value: AttributeValue) -> Option<Vec<u8>> {
    match value {
        AttributeValue::S(text) => Some(text.into_bytes()),
        AttributeValue::B(bytes) => Some(bytes.into_inner()),
        _ => None,
    }
}

#[tokio::test]
async fn the_spelling_of_name_and_email_is_kept() {
    let (_app, owner) = TestApp::with_owner().await;
    let given = json!({ "username": "Ada-L", "email": "A+b'C@Example.COM", "name": "Ada Ödström" });
    let created = create(&owner, ada(&given)).await.expect_status(201).json();
    assert_eq!(with(&created, &given), created);
}

#[tokio::test]
async fn the_status_of_a_new_user_can_be_chosen() {
    let (app, owner) = TestApp::with_owner().await;
    let cases = [("active", "active"), ("suspended", "suspended"), ("dormant", "dormant"), ("", "dormant")];
    for (index, (asked, status)) in cases.into_iter().enumerate() {
        let body = with(&TestApp::new_user(&format!("user{index}")), &json!({ "user_status": asked }));
        let created = create(&owner, body).await.expect_status(201);
        assert_eq!(created.text_at("/status"), status, "{asked:?}");
        assert_eq!(created.text_at("/last_seen_at"), NEVER);
    }
    assert_eq!(app.login("user1@example.com", PASSWORD).await.status, 401);
}

#[tokio::test]
async fn users_of_other_login_types_have_no_password() {
    let (app, owner) = TestApp::with_owner().await;
    for login_type in ["none", "github"] {
        let body = with(&TestApp::new_user(login_type), &json!({ "password": null, "login_type": login_type }));
        assert_eq!(create(&owner, body).await.expect_status(201).text_at("/login_type"), login_type);
        app.login(&format!("{login_type}@example.com"), "").await.expect_status(400);
    }
}

#[tokio::test]
async fn an_owner_gives_any_site_role_and_repeated_roles_count_once() {
    let (_app, owner) = TestApp::with_owner().await;
    let roles = json!(["auditor", "template-admin", "auditor", "user-admin", "owner", "member"]);
    let created = create(&owner, ada(&json!({ "roles": roles }))).await.expect_status(201).json();
    let expected = json!([
        { "name": "auditor", "display_name": "Auditor" },
        { "name": "template-admin", "display_name": "Template Admin" },
        { "name": "user-admin", "display_name": "User Admin" },
        { "name": "owner", "display_name": "Owner" },
        { "name": "member", "display_name": "Member" },
    ]);
    assert_eq!(created["roles"], expected);
}

#[tokio::test]
async fn a_user_admin_creates_users_with_no_role_but_member() {
    let cast = Cast::assemble().await;
    create(&cast.user_admin, ada(&json!({ "roles": ["member"] }))).await.expect_status(201);
    create(&cast.user_admin, TestApp::new_user("bob")).await.expect_status(201);
    let before = item_keys(&cast.app).await;
    for role in ["owner", "user-admin", "template-admin", "auditor"] {
        let body = with(&TestApp::new_user("cyd"), &json!({ "roles": ["member", role] }));
        let refused = create(&cast.user_admin, body).await.expect_status(403);
        assert!(refused.text.contains(role), "{}", refused.text);
    }
    let unknown = with(&TestApp::new_user("cyd"), &json!({ "roles": ["auditor", "nonsense"] }));
    assert_invalid(&create(&cast.user_admin, unknown).await, &["roles"]);
    assert_nothing_left(&cast.app, &before).await;
}
