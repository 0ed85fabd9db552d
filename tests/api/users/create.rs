//! `POST /users`: who comes into being, what that leaves in the table, and what is refused in which order.

use std::collections::HashMap;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use http::{Method, StatusCode};
use roster::clock::Random;
use roster::config::Config;
use roster::runtime::App;
use roster::storage::dynamodb::client;
use roster_local::gateway::Gateway;
use roster_local::template::Template;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

use super::{
    Cast, NEVER, NIL, UNKNOWN, assert_forbidden, assert_invalid, assert_says_only_a_message, assert_signed_out,
    assert_undecodable, organization, places, short_id, with,
};

/// What everybody asks for, with changes; a `null` leaves a member out.
fn ada(changes: &Value) -> Value {
    with(&TestApp::new_user("ada"), changes)
}

/// An account that signs in otherwise, or not at all.
fn without_password(changes: &Value) -> Value {
    with(&ada(&json!({ "password": null, "login_type": "none" })), changes)
}

async fn create(actor: &Actor, body: Value) -> Answer {
    actor.post("/users", body).await
}

/// Asserts that the whole table is what it was.
async fn assert_nothing_left(app: &TestApp, before: &[String]) {
    assert_eq!(places(app).await, before);
}

// Success

#[tokio::test]
async fn a_new_user_is_dormant_never_seen_and_without_roles() {
    let (app, owner) = TestApp::with_owner().await;
    let organization = organization(&owner).await;
    let created = create(&owner, ada(&json!({}))).await.expect_status(201).json();
    let expected = json!({
        "id": created["id"],
        "username": "ada",
        "email": "ada@example.com",
        "created_at": created["created_at"],
        "updated_at": created["created_at"],
        "last_seen_at": NEVER,
        "status": "dormant",
        "login_type": "password",
        "organization_ids": [organization],
        "roles": [],
        "has_ai_seat": false,
    });
    assert_eq!(created, expected);
    let id = created["id"].as_str().expect("an id");
    let parsed: uuid::Uuid = id.parse().expect("a UUID");
    assert_eq!((parsed.get_version_num(), parsed.to_string().as_str()), (4, id));
    assert_eq!(owner.get("/users/ada").await.expect_status(200).json(), expected);
    let roles = owner.get("/users/ada/roles").await.expect_status(200).json();
    assert_eq!(roles, json!({ "roles": [], "organization_roles": { organization: [] } }));
    assert_eq!(owner.get("/users?limit=1").await.json()["count"], 2);
    assert!(app.login("ADA@example.com", PASSWORD).await.expect_status(201).text_at("/session_token").contains('-'));
}

#[tokio::test]
async fn creation_adds_record_password_ssh_key_and_two_claims_and_counts_the_user() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    let body = ada(&json!({ "username": "Ada", "email": "Ada.L@Example.COM" }));
    let user = create(&owner, body).await.expect_status(201).json();
    let short = short_id(&user);
    let mut added = places(&app).await;
    added.retain(|place| !before.contains(place));
    let expected = [
        "DIRECTORY / ada".to_owned(),
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
async fn neither_the_password_nor_the_private_ssh_key_lies_in_the_clear() {
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

/// What a text or binary attribute holds.
fn bytes_of(value: AttributeValue) -> Option<Vec<u8>> {
    match value {
        AttributeValue::S(text) => Some(text.into_bytes()),
        AttributeValue::B(bytes) => Some(bytes.into_inner()),
        _ => None,
    }
}

#[tokio::test]
async fn a_new_user_has_a_git_ssh_key() {
    let (_app, owner) = TestApp::with_owner().await;
    create(&owner, ada(&json!({}))).await.expect_status(201);
    let key = owner.get("/users/ada/gitsshkey").await.expect_status(200);
    assert!(key.text_at("/public_key").starts_with("ssh-ed25519 "), "{}", key.text);
}

#[tokio::test]
async fn spelling_of_name_and_address_is_kept() {
    let (_app, owner) = TestApp::with_owner().await;
    let given = json!({ "username": "Ada-L", "email": "A+b'C@Example.COM", "name": "Ada Ödström" });
    let created = create(&owner, ada(&given)).await.expect_status(201).json();
    assert_eq!(with(&created, &given), created);
}

#[tokio::test]
async fn the_first_login_makes_a_dormant_user_active_and_seen() {
    let (app, owner) = TestApp::with_owner().await;
    create(&owner, ada(&json!({}))).await.expect_status(201);
    app.sign_in("ada").await;
    let user = owner.get("/users/ada").await.expect_status(200);
    assert_eq!(user.text_at("/status"), "active");
    assert_ne!(user.text_at("/last_seen_at"), NEVER);
}

#[tokio::test]
async fn the_first_request_with_a_key_from_somebody_else_does_too() {
    let (app, owner) = TestApp::with_owner().await;
    let id = create(&owner, without_password(&json!({}))).await.expect_status(201).text_at("/id");
    let key = owner.call(Method::POST, &format!("/users/{id}/keys"), None).await.expect_status(201);
    let me = app.anonymous().with_token(key.text_at("/key")).get("/users/me").await.expect_status(200);
    assert_eq!(me.text_at("/status"), "active");
    assert_ne!(owner.get("/users/ada").await.text_at("/last_seen_at"), NEVER);
}

#[tokio::test]
async fn a_status_may_be_asked_for() {
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
async fn other_login_types_come_without_a_password() {
    let (app, owner) = TestApp::with_owner().await;
    for login_type in ["none", "github"] {
        let body = with(&TestApp::new_user(login_type), &json!({ "password": null, "login_type": login_type }));
        assert_eq!(create(&owner, body).await.expect_status(201).text_at("/login_type"), login_type);
        let refused = app.login(&format!("{login_type}@example.com"), "").await;
        assert!(refused.status.is_client_error(), "{}", refused.text);
    }
}

#[tokio::test]
async fn an_owner_gives_any_site_role_and_a_repeated_one_once() {
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
async fn a_user_admin_creates_users_and_gives_no_role_but_member() {
    let cast = Cast::assemble().await;
    create(&cast.user_admin, ada(&json!({ "roles": ["member"] }))).await.expect_status(201);
    create(&cast.user_admin, TestApp::new_user("bob")).await.expect_status(201);
    let before = places(&cast.app).await;
    for role in ["owner", "user-admin", "template-admin", "auditor"] {
        let body = with(&TestApp::new_user("cyd"), &json!({ "roles": ["member", role] }));
        let refused = create(&cast.user_admin, body).await.expect_status(403);
        assert!(refused.text.contains(role), "{}", refused.text);
    }
    let unknown = with(&TestApp::new_user("cyd"), &json!({ "roles": ["auditor", "nonsense"] }));
    assert_invalid(&create(&cast.user_admin, unknown).await, &["roles"]);
    assert_nothing_left(&cast.app, &before).await;
}

#[tokio::test]
async fn the_service_chooses_a_password_when_asked_and_shows_it_once() {
    let (app, owner) = TestApp::with_owner().await;
    let created = create(&owner, ada(&json!({ "password": null, "generate_password": true }))).await.expect_status(201);
    let password = created.text_at("/password");
    assert_eq!(password.len(), 20);
    assert_eq!(app.login("ada@example.com", &password).await.status, 201);
    assert_eq!(owner.get("/users/ada").await.expect_status(200).json().get("password"), None);
    let given = create(&owner, TestApp::new_user("bob")).await.expect_status(201);
    assert_eq!(given.json().get("password"), None);
}

#[tokio::test]
async fn a_password_is_not_chosen_where_one_is_given_or_none_belongs() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    let generate = json!({ "generate_password": true });
    for body in [ada(&generate), without_password(&generate), service_account("robot", &generate)] {
        create(&owner, body).await.expect_status(400);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn a_password_that_somebody_else_chose_is_marked_to_its_user_alone() {
    let (app, owner) = TestApp::with_owner().await;
    let ada = app.user_with_roles(&owner, "ada", &["auditor"]).await;
    assert_eq!(ada.get("/users/me").await.expect_status(200).json()["must_change_password"], true);
    for answer in [owner.get("/users/ada").await, ada.get("/users/owner").await, owner.get("/users/me").await] {
        assert_eq!(answer.expect_status(200).json().get("must_change_password"), None);
    }
}

// Organizations

#[tokio::test]
async fn every_way_to_name_the_default_organization_means_one_membership() {
    let (_app, owner) = TestApp::with_owner().await;
    let id = organization(&owner).await;
    let cases = [
        json!({ "organization_ids": [NIL] }),
        json!({ "organization_ids": [id] }),
        json!({ "organization_ids": null, "organization_id": id }),
        json!({ "organization_ids": null, "organization_id": NIL }),
        json!({ "organization_ids": [id, NIL, id], "organization_id": id }),
        json!({ "organization_ids": [id.to_uppercase()] }),
        json!({ "organization_ids": [format!("urn:uuid:{id}"), format!("{{{id}}}"), id.replace('-', "")] }),
    ];
    for (index, organizations) in cases.into_iter().enumerate() {
        let body = with(&TestApp::new_user(&format!("user{index}")), &organizations);
        let created = create(&owner, body).await.expect_status(201).json();
        assert_eq!(created["organization_ids"], json!([id]), "{organizations}");
        let name = created["username"].as_str().expect("a name");
        let read = owner.get(&format!("/users/{name}")).await.expect_status(200).json();
        assert_eq!(read["organization_ids"], json!([id]), "{organizations}");
    }
}

#[tokio::test]
async fn an_organization_must_be_named() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    for organizations in [json!({ "organization_ids": null }), json!({ "organization_ids": [] })] {
        let refused = create(&owner, ada(&organizations)).await;
        assert_invalid(&refused, &["organization_ids"]);
        assert!(!refused.text_at("/detail").is_empty(), "{}", refused.text);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn an_unknown_organization_is_404_and_named_also_beside_a_known_one() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    for organizations in [json!([UNKNOWN]), json!([NIL, UNKNOWN])] {
        let refused = create(&owner, ada(&json!({ "organization_ids": organizations }))).await.expect_status(404);
        assert!(refused.text_at("/message").contains(UNKNOWN), "{}", refused.text);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn an_organization_that_the_caller_left_is_unknown_to_him() {
    let cast = Cast::assemble().await;
    let id = organization(&cast.owner).await;
    let leave = format!("/organizations/{id}/members/member");
    cast.owner.delete(&leave).await.expect_status(204);
    create(&cast.member, ada(&json!({ "organization_ids": [id] }))).await.expect_status(404);
}

// Service accounts

/// A service account of that name.
fn service_account(username: &str, changes: &Value) -> Value {
    let body = json!({ "username": username, "service_account": true, "organization_ids": [NIL] });
    with(&body, changes)
}

#[tokio::test]
async fn a_service_account_has_neither_address_nor_password() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    let created = create(&owner, service_account("robot", &json!({}))).await.expect_status(201).json();
    let expected = json!({
        "id": created["id"],
        "username": "robot",
        "email": "",
        "created_at": created["created_at"],
        "updated_at": created["created_at"],
        "last_seen_at": NEVER,
        "status": "dormant",
        "login_type": "none",
        "is_service_account": true,
        "organization_ids": [organization(&owner).await],
        "roles": [],
        "has_ai_seat": false,
    });
    assert_eq!(created, expected);
    assert_eq!(owner.get("/users/robot").await.expect_status(200).json(), expected);
    let short = short_id(&created);
    let mut added = places(&app).await;
    added.retain(|place| !before.contains(place));
    let expected =
        ["DIRECTORY / robot".to_owned(), format!("USER#{short} / GIT_SSH_KEY"), format!("USER#{short} / PROFILE")];
    assert_eq!(added, expected);
}

#[tokio::test]
async fn service_accounts_share_the_lack_of_an_address() {
    let (app, owner) = TestApp::with_owner().await;
    create(&owner, service_account("robot", &json!({}))).await.expect_status(201);
    create(&owner, service_account("robot2", &json!({ "login_type": "none" }))).await.expect_status(201);
    assert_eq!(app.login("", "").await.status, 400);
    assert_eq!(create(&owner, service_account("ROBOT", &json!({}))).await.status, 409);
}

#[tokio::test]
async fn a_service_account_with_a_way_to_sign_in_is_refused() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    let cases = [
        json!({ "login_type": "password" }),
        json!({ "login_type": "github" }),
        json!({ "login_type": "magic" }),
        json!({ "password": PASSWORD }),
        json!({ "email": "robot@example.com" }),
    ];
    for extra in cases {
        assert_says_only_a_message(&create(&owner, service_account("robot", &extra)).await.expect_status(400));
    }
    assert_invalid(&create(&owner, service_account("robot", &json!({ "email": "robot" }))).await, &["email"]);
    assert_nothing_left(&app, &before).await;
}

// Validation

#[tokio::test]
async fn bad_fields_are_named_together_in_the_order_of_the_request() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    let cases: [(Value, &[&str]); 5] = [
        (json!({}), &["email", "username"]),
        (Value::Null, &["email", "username"]),
        (ada(&json!({ "name": "x ", "username": "a_b", "email": "a@b" })), &["email", "username", "name"]),
        (ada(&json!({ "email": "" })), &["email"]),
        (service_account("", &json!({ "name": " " })), &["username", "name"]),
    ];
    for (body, fields) in cases {
        assert_invalid(&create(&owner, body).await, fields);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn a_username_is_made_of_groups_of_ascii_letters_and_digits() {
    let (_app, owner) = TestApp::with_owner().await;
    let too_long = "u".repeat(33);
    let bad = ["a_b", "a--b", "-a", "a-", "a b", " a", "a.b", "üser", "new", "create", too_long.as_str()];
    for username in bad {
        assert_invalid(&create(&owner, ada(&json!({ "username": username }))).await, &["username"]);
    }
    for (index, username) in ["1", "a1b2", "wow-test", "New", &"u".repeat(32)].into_iter().enumerate() {
        let body = json!({ "username": username, "email": format!("user{index}@example.com") });
        create(&owner, ada(&body)).await.expect_status(201);
    }
}

#[tokio::test]
async fn an_address_is_one_plain_address() {
    let (_app, owner) = TestApp::with_owner().await;
    let bad = [
        "a@localhost",
        "a..b@c.com",
        ".a@b.com",
        "a@b.c1",
        "a@-b.com",
        "a@b_c.com",
        "a@b.com.",
        "Bob <a@b.com>",
        " a@b.com",
        "a@b.com ",
        "a@[127.0.0.1]",
    ];
    for email in bad {
        assert_invalid(&create(&owner, ada(&json!({ "email": email }))).await, &["email"]);
    }
    let good = ["A@B.C", "a@1.com", "test+user-@coder.com", "\"a b\"@ex.com", "用户@例子.公司"];
    for (index, email) in good.into_iter().enumerate() {
        let body = json!({ "email": email, "username": format!("user{index}") });
        assert_eq!(create(&owner, ada(&body)).await.expect_status(201).text_at("/email"), email);
    }
}

#[tokio::test]
async fn an_address_may_be_longer_than_a_key_of_the_table() {
    let (app, owner) = TestApp::with_owner().await;
    let email = format!("{}@example.com", "a".repeat(3000));
    create(&owner, ada(&json!({ "email": email }))).await.expect_status(201);
    assert_eq!(app.login(&email, PASSWORD).await.status, 201);
    let again = json!({ "email": email.to_uppercase(), "username": "ada2" });
    assert_eq!(create(&owner, ada(&again)).await.status, 409);
}

#[tokio::test]
async fn a_real_name_has_at_most_128_bytes_and_no_blank_around_it() {
    let (_app, owner) = TestApp::with_owner().await;
    let (too_long, too_wide) = ("x".repeat(129), "ö".repeat(65));
    for name in [" x", "x ", "\u{2003}x", "   ", too_long.as_str(), too_wide.as_str()] {
        assert_invalid(&create(&owner, ada(&json!({ "name": name }))).await, &["name"]);
    }
    let longest = "ö".repeat(64);
    let created = create(&owner, ada(&json!({ "name": longest }))).await.expect_status(201);
    assert_eq!(created.text_at("/name"), longest);
}

#[tokio::test]
async fn a_password_that_breaks_the_policy_is_refused_and_not_repeated() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    let too_long = "aB3$".repeat(16) + "x";
    for password in ["zyxwvut98765", "newpassword", too_long.as_str()] {
        let refused = create(&owner, ada(&json!({ "password": password }))).await;
        assert_invalid(&refused, &["password"]);
        assert!(!refused.text.contains(password), "{}", refused.text);
    }
    for missing in [Value::Null, json!("")] {
        assert_invalid(&create(&owner, ada(&json!({ "password": missing }))).await, &["password"]);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn a_login_type_must_be_one_that_a_user_can_have() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    for login_type in ["oidc", "token", "magic", "None"] {
        create(&owner, without_password(&json!({ "login_type": login_type }))).await.expect_status(400);
    }
    for login_type in ["none", "github", "magic"] {
        let refused = create(&owner, ada(&json!({ "login_type": login_type }))).await.expect_status(400);
        assert_says_only_a_message(&refused);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn an_unknown_role_is_refused_as_a_field() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    for role in ["nonsense", "", "Owner", "organization-admin"] {
        assert_invalid(&create(&owner, ada(&json!({ "roles": ["auditor", role] }))).await, &["roles"]);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn an_unknown_status_is_refused_as_a_field() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    for status in ["sleepy", "Active"] {
        assert_invalid(&create(&owner, ada(&json!({ "user_status": status }))).await, &["user_status"]);
    }
    assert_nothing_left(&app, &before).await;
}

/// An actor's way to the same deployment with passwords switched off.
async fn without_passwords(app: &TestApp, actor: &Actor) -> Actor {
    let config = Config { disable_password_auth: true, ..app.app.config.clone() };
    let client = client::connect(Some(app.endpoint())).await;
    let random = Arc::new(Random::from_seed(2));
    let changed = App::new(config, client, app.clock.clone(), random).expect("the service starts");
    let template = Template::bundled().expect("the template can be read");
    Actor::anonymous(Gateway::new(&template, changed)).with_token(actor.token())
}

#[tokio::test]
async fn where_passwords_are_switched_off_nobody_gets_one() {
    let (app, owner) = TestApp::with_owner().await;
    let owner = without_passwords(&app, &owner).await;
    let no_organization = json!({ "organization_ids": null });
    assert_says_only_a_message(&create(&owner, ada(&no_organization)).await.expect_status(403));
    create(&owner, without_password(&json!({}))).await.expect_status(201);
    create(&owner, service_account("robot", &json!({}))).await.expect_status(201);
}

// Conflicts

#[tokio::test]
async fn a_taken_name_or_address_in_another_case_conflicts_and_leaves_nothing() {
    let (app, owner) = TestApp::with_owner().await;
    let body = ada(&json!({ "username": "Ada", "email": "ÄDA@Example.com" }));
    create(&owner, body).await.expect_status(201);
    let before = places(&app).await;
    let cases = [
        json!({ "username": "aDA", "email": "other@example.com" }),
        json!({ "username": "other", "email": "äda@example.COM" }),
        json!({ "username": "ADA", "email": "äda@example.com" }),
        json!({ "username": "ada", "email": "owner@example.com" }),
    ];
    for taken in cases {
        assert_says_only_a_message(&create(&owner, ada(&taken)).await.expect_status(409));
    }
    assert_nothing_left(&app, &before).await;
    assert_eq!(owner.get("/users?limit=1").await.json()["count"], 2);
}

#[tokio::test]
async fn the_name_of_the_system_account_is_taken() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    for username in ["prebuilds", "PreBuilds"] {
        let refused = create(&owner, ada(&json!({ "username": username }))).await.expect_status(409);
        assert_says_only_a_message(&refused);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn a_conflict_shows_only_to_who_may_read_the_other_user() {
    let cast = Cast::assemble().await;
    create(&cast.owner, ada(&json!({}))).await.expect_status(201);
    assert_eq!(create(&cast.auditor, ada(&json!({}))).await.status, 409);
    let taken = create(&cast.member, ada(&json!({}))).await;
    let free = create(&cast.member, TestApp::new_user("bob")).await;
    assert_forbidden(&taken);
    assert_eq!(taken.text, free.text);
    assert_eq!(create(&cast.member, TestApp::new_user("member")).await.status, 409);
}

#[tokio::test]
async fn of_two_at_once_with_one_name_or_one_address_one_is_created() {
    let (app, owner) = TestApp::with_owner().await;
    let pairs = [
        [json!({ "email": "a1@example.com" }), json!({ "email": "a2@example.com", "username": "ADA" })],
        [
            json!({ "email": "b@example.com", "username": "bob" }),
            json!({ "email": "B@example.com", "username": "bob2" }),
        ],
    ];
    for [first, second] in pairs {
        let (first, second) = tokio::join!(create(&owner, ada(&first)), create(&owner, ada(&second)));
        let mut statuses = [first.status, second.status];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::CREATED, StatusCode::CONFLICT], "{} {}", first.text, second.text);
    }
    let directory = places(&app).await.into_iter().filter(|place| place.starts_with("DIRECTORY / "));
    assert_eq!((directory.count(), &owner.get("/users?limit=1").await.json()["count"]), (3, &json!(3)));
}

// Order and permission

#[tokio::test]
async fn the_first_check_that_fails_answers() {
    let (app, owner) = TestApp::with_owner().await;
    app.create_user(&owner, "taken").await;
    let mut body = json!({
        "email": "ada",
        "username": "taken",
        "login_type": "none",
        "password": "weak",
        "organization_ids": [],
        "roles": ["nonsense"],
        "user_status": "sleepy",
    });
    let steps: [(Value, u16, &[&str]); 8] = [
        (json!({}), 400, &["email"]),
        (json!({ "email": "ada@example.com" }), 400, &[]),
        (json!({ "login_type": "password" }), 400, &["organization_ids"]),
        (json!({ "organization_ids": [UNKNOWN] }), 409, &[]),
        (json!({ "username": "ada" }), 404, &[]),
        (json!({ "organization_ids": [NIL] }), 400, &["password"]),
        (json!({ "password": PASSWORD }), 400, &["roles"]),
        (json!({ "roles": [] }), 400, &["user_status"]),
    ];
    for (repair, status, fields) in steps {
        body = with(&body, &repair);
        let refused = create(&owner, body.clone()).await.expect_status(status);
        assert_eq!(refused.invalid_fields(), fields, "{body}");
    }
    create(&owner, with(&body, &json!({ "user_status": "active" }))).await.expect_status(201);
}

#[tokio::test]
async fn a_lacking_permission_comes_after_the_password_and_before_the_roles() {
    let cast = Cast::assemble().await;
    assert_invalid(&create(&cast.member, ada(&json!({ "password": "weak" }))).await, &["password"]);
    create(&cast.member, ada(&json!({ "organization_ids": [UNKNOWN] }))).await.expect_status(404);
    assert_forbidden(&create(&cast.member, ada(&json!({ "roles": ["nonsense"], "user_status": "sleepy" }))).await);
}

#[tokio::test]
async fn who_may_not_create_users_is_refused_and_nothing_is_created() {
    let cast = Cast::assemble().await;
    let before = places(&cast.app).await;
    for actor in [&cast.auditor, &cast.template_admin, &cast.member] {
        assert_forbidden(&create(actor, ada(&json!({}))).await);
        assert_forbidden(&create(actor, service_account("robot", &json!({}))).await);
    }
    assert_signed_out(&create(&cast.app.anonymous(), ada(&json!({}))).await);
    assert_signed_out(&create(&cast.app.anonymous(), json!([])).await);
    assert_nothing_left(&cast.app, &before).await;
}

#[tokio::test]
async fn managing_an_organization_is_not_enough_to_create_users_in_it() {
    let cast = Cast::assemble().await;
    let id = organization(&cast.owner).await;
    for role in ["organization-admin", "organization-user-admin"] {
        let path = format!("/organizations/{id}/members/member/roles");
        cast.owner.put(&path, json!({ "roles": [role] })).await.expect_status(200);
        assert_forbidden(&create(&cast.member, ada(&json!({}))).await);
    }
}

// Reading the body

/// Sends a body as it is written here.
async fn send(actor: &Actor, body: impl Into<bytes::Bytes>) -> Answer {
    actor.send(Method::POST, "/api/v2/users", &[], body).await
}

#[tokio::test]
async fn members_are_found_in_any_case_and_the_last_of_several_counts_unless_it_is_null() {
    let (_app, owner) = TestApp::with_owner().await;
    let body = format!(
        r#"{{"EMAIL": "first@example.com", "Email": "ada@example.com", "email": null, "uSERNAME": "ada",
             "PassWord": "{PASSWORD}", "Organization_IDs": ["{NIL}"], "user_status": "active",
             "USER_STATUS": "suspended"}}"#
    );
    let created = send(&owner, body).await.expect_status(201);
    assert_eq!(
        (created.text_at("/email"), created.text_at("/status")),
        ("ada@example.com".to_owned(), "suspended".to_owned())
    );
}

#[tokio::test]
async fn null_means_absent() {
    let (_app, owner) = TestApp::with_owner().await;
    let body = format!(
        r#"{{"email": "ada@example.com", "username": "ada", "password": "{PASSWORD}", "organization_ids": ["{NIL}"],
             "name": null, "login_type": null, "user_status": null, "organization_id": null, "service_account": null,
             "roles": null}}"#
    );
    let created = send(&owner, body).await.expect_status(201);
    assert_eq!(
        (created.text_at("/status"), created.text_at("/login_type")),
        ("dormant".to_owned(), "password".to_owned())
    );
    assert_invalid(&send(&owner, "null").await, &["email", "username"]);
}

#[tokio::test]
async fn unknown_members_and_what_follows_the_first_value_are_ignored() {
    let (_app, owner) = TestApp::with_owner().await;
    let unknown = json!({ "disable_login": false, "theme": { "dark": [1, "two", {}] } });
    send(&owner, ada(&unknown).to_string()).await.expect_status(201);
    for (index, trailing) in ["{\"username\": 7}", " ]]", "\n{"].into_iter().enumerate() {
        let body = TestApp::new_user(&format!("user{index}")).to_string() + trailing;
        send(&owner, body).await.expect_status(201);
    }
}

#[tokio::test]
async fn the_declared_type_of_the_body_makes_no_difference() {
    let (_app, owner) = TestApp::with_owner().await;
    for (index, kind) in ["text/plain", "application/x-www-form-urlencoded", "nonsense"].into_iter().enumerate() {
        let body = TestApp::new_user(&format!("user{index}")).to_string();
        owner.send(Method::POST, "/api/v2/users", &[("content-type", kind)], body).await.expect_status(201);
    }
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_refused_with_a_detail_that_does_not_repeat_it() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    let cases = [
        json!({ "username": ["leaked"] }),
        json!({ "username": 7 }),
        json!({ "email": { "leaked": "leaked" } }),
        json!({ "name": true }),
        json!({ "password": ["leaked"] }),
        json!({ "login_type": ["leaked"] }),
        json!({ "user_status": { "leaked": 1 } }),
        json!({ "service_account": "leaked" }),
        json!({ "roles": "leaked" }),
        json!({ "roles": [["leaked"]] }),
        json!({ "organization_ids": "leaked" }),
        json!({ "organization_ids": ["leaked"] }),
        json!({ "organization_ids": [7] }),
        json!({ "organization_id": "leaked" }),
    ];
    let bodies = cases.iter().map(ada).chain([json!([]), json!("leaked"), json!(["leaked"]), json!(7), json!(true)]);
    for body in bodies {
        let refused = send(&owner, body.to_string()).await;
        assert_undecodable(&refused);
        assert!(!refused.text.contains("leaked"), "{}", refused.text);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn a_body_that_is_empty_cut_off_or_no_json_is_refused_with_a_detail() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    for body in [
        "",
        " \n",
        "{\"email\":",
        "{\"email\": \"leaked",
        "{leaked}",
        "{'username': 'leaked'}",
        "leaked",
        "{\"a\": 1,}",
    ] {
        let refused = send(&owner, body).await;
        assert_undecodable(&refused);
        assert!(!refused.text.contains("leaked"), "{}", refused.text);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn a_body_of_one_mebibyte_is_read_and_a_longer_one_is_too_large() {
    let (app, owner) = TestApp::with_owner().await;
    let body = TestApp::new_user("ada").to_string();
    let fill = |length: usize| body.clone() + &" ".repeat(length - body.len());
    let before = places(&app).await;
    assert_says_only_a_message(&send(&owner, fill((1 << 20) + 1)).await.expect_status(413));
    assert_nothing_left(&app, &before).await;
    send(&owner, fill(1 << 20)).await.expect_status(201);
}

#[tokio::test]
async fn deep_nesting_is_read_up_to_a_bound() {
    let (_app, owner) = TestApp::with_owner().await;
    let nested = |depth: usize| {
        let ignored = "[".repeat(depth) + &"]".repeat(depth);
        TestApp::new_user("ada").to_string().replacen('{', &format!("{{\"ignored\": {ignored}, "), 1)
    };
    assert_undecodable(&send(&owner, nested(10_001)).await);
    send(&owner, nested(64)).await.expect_status(201);
}

#[tokio::test]
async fn text_with_a_nul_is_refused_but_in_a_password_which_is_never_stored() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    for member in ["username", "email", "name", "login_type", "user_status"] {
        create(&owner, ada(&json!({ member: "a\u{0}b" }))).await.expect_status(400);
    }
    create(&owner, ada(&json!({ "roles": ["a\u{0}b"] }))).await.expect_status(400);
    assert_nothing_left(&app, &before).await;
    let password = format!("{PASSWORD}\u{0}");
    create(&owner, ada(&json!({ "password": password }))).await.expect_status(201);
    assert_eq!(app.login("ada@example.com", &password).await.status, 201);
    assert_eq!(app.login("ada@example.com", PASSWORD).await.status, 401);
}
