//! `GET` and `POST /users/first`.

use http::StatusCode;
use roster_tests::TestApp;
use roster_tests::app::PASSWORD;
use serde_json::{Value, json};

use super::{assert_invalid, assert_says_only_a_message, assert_undecodable, item_keys, short_id, with};
use crate::cases::{assert_exchange, cases};

fn first_user() -> Value {
    json!({ "email": "Ada@Example.com", "username": "Ada", "name": "Ada Lovelace", "password": PASSWORD })
}

#[tokio::test]
async fn before_the_first_user_the_answer_is_404_with_the_build_version() {
    let app = TestApp::start().await;
    let answer = app.anonymous().get("/users/first").await.expect_status(404);
    assert_exchange!("there_is_no_first_user_yet", answer);
    assert!(answer.header("x-coder-build-version").starts_with('v'), "{:?}", answer.headers);
}

#[tokio::test]
async fn an_invalid_token_is_ignored() {
    let app = TestApp::start().await;
    let stranger = app.anonymous().with_token("abcdefghij-abcdefghijklmnopqrstuv");
    stranger.get("/users/first").await.expect_status(404);
    stranger.post("/users/first", first_user()).await.expect_status(201);
    assert_says_only_a_message(&stranger.get("/users/first").await.expect_status(200));
}

#[tokio::test]
async fn the_first_user_is_an_active_owner_in_the_default_organization() {
    let app = TestApp::start().await;
    let created = app.anonymous().post("/users/first", first_user()).await.expect_status(201).json();
    let (id, organization) = (&created["user_id"], &created["organization_id"]);
    assert_eq!(created, json!({ "user_id": id, "organization_id": organization }));
    let ada = app.sign_in("ada").await;
    let me = ada.get("/users/me").await.expect_status(200);
    assert_exchange!("the_first_user_is_an_active_owner", me);
    assert_eq!((&me.json()["id"], &me.json()["organization_ids"]), (id, &json!([organization])));
    let roles = ada.get("/users/me/roles").await.expect_status(200).json();
    let organization = organization.as_str().expect("an id");
    assert_eq!(roles, json!({ "roles": ["owner"], "organization_roles": { organization: [] } }));
}

#[tokio::test]
async fn the_first_user_creates_exactly_these_items_and_no_session() {
    let app = TestApp::start().await;
    let created = app.anonymous().post("/users/first", first_user()).await.expect_status(201);
    assert_exchange!("the_first_user_is_created", created);
    assert!(created.set_cookies("coder_session_token").is_empty());
    let user = short_id(&json!({ "id": created.text_at("/user_id") }));
    let expected = [
        "DEPLOYMENT / DEFAULT_ORGANIZATION".to_owned(),
        "DEPLOYMENT / FIRST_USER".to_owned(),
        "DEPLOYMENT / OWNERS".to_owned(),
        "DIRECTORY / ada".to_owned(),
        "DIRECTORY#EMAIL / example.com@ada".to_owned(),
        "DIRECTORY#ROLE#owner / ada".to_owned(),
        "DIRECTORY#STATUS#active / ada".to_owned(),
        "EMAIL#ada@example.com / CLAIM".to_owned(),
        format!("ORGANIZATION#{} / PROFILE", created.text_at("/organization_id")),
        "ORGANIZATION_NAME#coder / CLAIM".to_owned(),
        format!("USER#{user} / GIT_SSH_KEY"),
        format!("USER#{user} / PASSWORD"),
        format!("USER#{user} / PROFILE"),
    ];
    assert_eq!(item_keys(&app).await, expected);
}

#[tokio::test]
async fn invalid_fields_are_reported_together_in_request_order() {
    let app = TestApp::start().await;
    let cases: [(Value, &[&str]); 8] = [
        (json!({}), &["email", "username", "password"]),
        (Value::Null, &["email", "username", "password"]),
        (
            json!({ "email": "a@localhost", "username": "a_b", "name": " A", "password": PASSWORD }),
            &["email", "username", "name"],
        ),
        (with(&first_user(), &json!({ "email": "Ada <ada@example.com>" })), &["email"]),
        (with(&first_user(), &json!({ "username": "new" })), &["username"]),
        (with(&first_user(), &json!({ "name": "x".repeat(129) })), &["name"]),
        (with(&first_user(), &json!({ "password": "newpassword" })), &["password"]),
        (with(&first_user(), &json!({ "password": "aB3$".repeat(16) + "x" })), &["password"]),
    ];
    for (body, fields) in cases {
        assert_invalid(&app.anonymous().post("/users/first", body).await, fields);
    }
    assert_eq!(item_keys(&app).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_valid_second_first_user_conflicts_with_any_password() {
    let app = TestApp::start().await;
    app.set_up().await;
    let before = item_keys(&app).await;
    for password in [PASSWORD, "weak"] {
        let second = with(&first_user(), &json!({ "password": password }));
        assert_says_only_a_message(&app.anonymous().post("/users/first", second).await.expect_status(409));
    }
    let malformed = with(&first_user(), &json!({ "username": "sec_ond" }));
    assert_invalid(&app.anonymous().post("/users/first", malformed).await, &["username"]);
    assert_eq!(item_keys(&app).await, before);
}

#[tokio::test]
async fn only_one_of_several_concurrent_first_users_is_created() {
    let app = TestApp::start().await;
    let ask = async |name: &str| {
        let body = json!({ "email": format!("{name}@example.com"), "username": name, "password": PASSWORD });
        app.anonymous().post("/users/first", body).await.status
    };
    let (a, b, c, d) = tokio::join!(ask("ada"), ask("bob"), ask("cyd"), ask("dan"));
    let mut statuses = [a, b, c, d];
    statuses.sort();
    let conflict = StatusCode::CONFLICT;
    assert_eq!(statuses, [StatusCode::CREATED, conflict, conflict, conflict]);
    let profiles = item_keys(&app).await.into_iter().filter(|key| key.starts_with("USER#") && key.ends_with("PROFILE"));
    assert_eq!(profiles.count(), 1);
}

#[tokio::test]
async fn additional_members_of_installers_are_accepted() {
    let app = TestApp::start().await;
    let additions = json!({
        "trial": true,
        "trial_info": { "first_name": "Ada", "developers": "2 - 100" },
        "onboarding_info": { "newsletter_marketing": false, "newsletter_releases": true },
    });
    app.anonymous().post("/users/first", with(&first_user(), &additions)).await.expect_status(201);
}

#[tokio::test]
async fn additional_members_of_the_wrong_type_are_refused() {
    let app = TestApp::start().await;
    for addition in [
        json!({ "trial": "yes" }),
        json!({ "trial_info": [] }),
        json!({ "trial_info": { "first_name": 1 } }),
        json!({ "trial_info": { "country": false } }),
        json!({ "onboarding_info": "none" }),
        json!({ "onboarding_info": { "newsletter_marketing": "no" } }),
        json!({ "onboarding_info": { "newsletter_releases": 0 } }),
    ] {
        assert_undecodable(&app.anonymous().post("/users/first", with(&first_user(), &addition)).await);
    }
    let nothing = json!({ "trial": null, "trial_info": null, "onboarding_info": null });
    app.anonymous().post("/users/first", with(&first_user(), &nothing)).await.expect_status(201);
}

#[tokio::test]
async fn the_first_user_cannot_take_the_name_of_the_system_user() {
    let app = TestApp::start().await;
    let body = with(&first_user(), &json!({ "username": "Prebuilds" }));
    assert_says_only_a_message(&app.anonymous().post("/users/first", body).await.expect_status(409));
}

#[tokio::test]
async fn malformed_fields_of_the_first_user_are_reported_together() {
    let app = TestApp::start().await;
    let body = json!({ "email": "x", "username": "-", "name": " ", "password": "" });
    let refused = app.anonymous().post("/users/first", body).await.expect_status(400);
    assert_exchange!("malformed_fields_of_the_first_user_are_reported_together", refused);
}

#[tokio::test]
async fn a_weak_password_of_the_first_user_is_refused() {
    let app = TestApp::start().await;
    let body = with(&first_user(), &json!({ "password": "zyxwvut98765" }));
    let refused = app.anonymous().post("/users/first", body).await.expect_status(400);
    assert!(!refused.text.contains("zyxwvut"), "{}", refused.text);
    assert_exchange!("a_weak_password_of_the_first_user_is_refused", refused);
}

cases! {
    the_first_user_exists: anonymous GET "/users/first" => 200;
    a_second_first_user_conflicts:
        anonymous POST "/users/first" { "email": "a@example.com", "username": "a", "password": "x" } => 409;
}
