//! `POST /users/{user}/keys/tokens`: answers, names and permissions.

use http::StatusCode;
use roster_tests::TestApp;
use serde_json::json;

use crate::cases::assert_exchange;
use crate::cases::cases;
use crate::users::user::keys::UNKNOWN_ID;

#[tokio::test]
async fn a_token_lasts_a_week_and_has_all_scopes_by_default() {
    let (_app, _owner, ada) = TestApp::with_actor("ada", &[]).await;
    let created = ada.post("/users/me/keys/tokens", json!({ "token_name": "ci" })).await.expect_status(201);
    assert_eq!(created.json().as_object().map(serde_json::Map::len), Some(1), "{}", created.text);
    assert!(created.set_cookies("coder_session_token").is_empty(), "{:?}", created.headers);

    let token = ada.with_token(created.text_at("/key"));
    let me = token.get("/users/me").await.expect_status(200);
    let key = ada.get("/users/me/keys/tokens/ci").await.expect_status(200);
    assert_eq!((key.text_at("/id"), key.text_at("/user_id")), (token.key_id().to_owned(), me.text_at("/id")));
    assert_eq!(key.text_at("/updated_at"), key.text_at("/created_at"));
    let week = 7 * 24 * 3_600_000_000_i64;
    assert_eq!(key.micros_at("/expires_at") - key.micros_at("/created_at"), week);
}

#[tokio::test]
async fn a_new_token_was_never_used_and_has_no_ip_address() {
    let (app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({ "token_name": "ci" })).await;
    let key = owner.get("/users/me/keys/tokens/ci").await.expect_status(200);
    assert_eq!(key.text_at("/last_used"), "1970-01-01T00:00:00Z");
    let partition = format!("USER#{}", &token.key_id()[..6]);
    let item = app.item(&partition, &format!("KEY#{}", token.key_id())).await;
    assert_eq!(item["ip"].as_s().map(String::as_str), Ok("0.0.0.0"));
}

#[tokio::test]
async fn the_secret_is_not_stored() {
    let (app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({})).await;
    let secret = token.token().split_once('-').map(|(_, secret)| secret.to_owned()).expect("a token has a secret");
    assert!(!format!("{:?}", app.items().await).contains(&secret));
}

#[tokio::test]
async fn the_bodies_of_stock_clients_are_accepted() {
    let (_app, owner) = TestApp::with_owner().await;
    let cli = json!({
        "lifetime": 86_400_000_000_000_i64, "token_name": "cli", "scope": "", "scopes": null, "allow_list": null,
    });
    let dashboard = json!({ "lifetime": 604_800_000_000_000_i64, "token_name": "dashboard", "scope": "all" });
    for (body, name, seconds) in [(cli, "cli", 86_400), (dashboard, "dashboard", 604_800)] {
        owner.create_token(body).await;
        let key = owner.get(&format!("/users/me/keys/tokens/{name}")).await.expect_status(200).json();
        assert_eq!((&key["lifetime_seconds"], &key["scopes"]), (&json!(seconds), &json!(["coder:all"])), "{name}");
    }
}

#[tokio::test]
async fn an_empty_name_is_generated() {
    let (_app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({})).await;
    let key = owner.get(&format!("/users/me/keys/{}", token.key_id())).await.expect_status(200);
    let name = key.text_at("/token_name");
    let (words, digits) = name.split_at(name.len() - 2);
    assert!(digits.bytes().all(|digit| digit.is_ascii_digit()), "{name}");
    assert!(words.split('_').count() == 2 && words.split('_').all(|word| !word.is_empty()), "{name}");
    assert_eq!(owner.get(&format!("/users/me/keys/tokens/{name}")).await.expect_status(200).text, key.text);
}

#[tokio::test]
async fn a_taken_name_conflicts_and_names_the_field() {
    let (_app, owner) = TestApp::with_owner().await;
    let wanted = json!({ "token_name": "ci" });
    owner.create_token(wanted.clone()).await;
    let taken = owner.post("/users/me/keys/tokens", wanted).await.expect_status(409);
    assert_exchange!("a_taken_name_conflicts", taken);
    assert_eq!(owner.get("/users/me/keys/tokens").await.json().as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_expired_token_keeps_its_name_and_a_deleted_token_frees_it() {
    let (_app, owner) = TestApp::with_owner().await;
    let wanted = json!({ "token_name": "ci" });
    let token = owner.create_token(wanted.clone()).await;
    let path = format!("/users/me/keys/{}", token.key_id());
    owner.put(&format!("{path}/expire"), json!(null)).await.expect_status(204);
    let refused = owner.post("/users/me/keys/tokens", wanted.clone()).await.expect_status(409);
    assert_eq!(refused.invalid_fields(), ["name"]);
    owner.delete(&path).await.expect_status(204);
    owner.create_token(wanted).await;
}

#[tokio::test]
async fn token_names_are_case_sensitive_and_unique_for_each_user() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    owner.create_token(json!({ "token_name": "ci" })).await;
    owner.create_token(json!({ "token_name": "CI" })).await;
    ada.create_token(json!({ "token_name": "ci" })).await;
}

#[tokio::test]
async fn any_text_is_a_token_name() {
    let (_app, owner) = TestApp::with_owner().await;
    let long = "n".repeat(60_000);
    for name in ["Ünïcode / name", "tokenconfig", " ", "#~", &long] {
        let token = owner.create_token(json!({ "token_name": name })).await;
        let key = owner.get(&format!("/users/me/keys/{}", token.key_id())).await.expect_status(200);
        assert_eq!(key.text_at("/token_name"), name);
        owner.post("/users/me/keys/tokens", json!({ "token_name": name })).await.expect_status(409);
    }
}

#[tokio::test]
async fn a_name_that_cannot_be_stored_is_refused() {
    let (_app, owner) = TestApp::with_owner().await;
    let huge = json!({ "token_name": "n".repeat(64 * 1024 + 1) });
    let refused = owner.post("/users/me/keys/tokens", huge).await.expect_status(400);
    assert_eq!(refused.invalid_fields(), ["token_name"]);
    owner.post("/users/me/keys/tokens", json!({ "token_name": "a\u{0}b" })).await.expect_status(400);
    assert_eq!(owner.get("/users/me/keys/tokens").await.text, "[]\n");
}

#[tokio::test]
async fn the_body_is_validated_before_the_permission() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    let admin = app.user_with_roles(&owner, "admin", &["user-admin"]).await;
    for body in [json!({ "scopes": ["nonsense"] }), json!({ "lifetime": -1 }), json!({ "allow_list": ["x"] })] {
        admin.post("/users/ada/keys/tokens", body).await.expect_status(400);
    }
}

#[tokio::test]
async fn hidden_deleted_and_missing_users_get_no_tokens() {
    let (app, owner, gone) = TestApp::with_user("gone").await;
    owner.delete("/users/gone").await.expect_status(200);
    app.create_user(&owner, "ada").await;
    let member = app.user_with_roles(&owner, "bob", &[]).await;
    let body = json!({ "token_name": "x" });
    let missing = owner.post(&format!("/users/{UNKNOWN_ID}/keys/tokens"), body.clone()).await.expect_status(404);
    for answer in [
        member.post("/users/ada/keys/tokens", body.clone()).await,
        owner.post("/users/gone/keys/tokens", body.clone()).await,
        owner.post(&format!("/users/{gone}/keys/tokens"), body.clone()).await,
    ] {
        assert_eq!((answer.status, &answer.text), (StatusCode::NOT_FOUND, &missing.text));
    }
    app.anonymous().post("/users/me/keys/tokens", body).await.expect_status(401);
}

cases! {
    a_member_creates_a_token: member POST "/users/me/keys/tokens" {} => 201;
    a_legacy_scope_in_the_list_is_accepted: member POST "/users/me/keys/tokens" { "scopes": ["all"] } => 201;
    a_lifetime_that_is_text_is_refused: member POST "/users/me/keys/tokens" { "lifetime": "1h" } => 400;
    a_scope_that_is_not_public_is_refused: member POST "/users/me/keys/tokens" { "scopes": ["user:create"] } => 400;
    a_malformed_allow_list_is_refused: member POST "/users/me/keys/tokens" { "allow_list": ["workspace"] } => 400;
    a_negative_lifetime_is_refused: member POST "/users/me/keys/tokens" { "lifetime": -1 } => 400;
    a_lifetime_above_the_maximum_is_refused:
        owner POST "/users/me/keys/tokens" { "lifetime": 604_800_000_000_001_u64 } => 400;
    a_user_admin_may_not_create_a_token_for_another_user: user_admin POST "/users/ada/keys/tokens" {} => 403;
    a_token_of_a_hidden_user_is_not_created: member POST "/users/ada/keys/tokens" {} => hidden;
    creating_a_token_without_a_token_is_refused: anonymous POST "/users/me/keys/tokens" {} => 401;
}
