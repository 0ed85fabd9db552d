//! `GET` and `PUT /users/{user}/gitsshkey`.

use http::Method;
use roster::auth::token::ShortId;
use roster_tests::{Actor, Answer, Fault, TestApp};
use serde_json::json;

use crate::cases::cases;

async fn regenerate(actor: &Actor, user: &str) -> Answer {
    actor.call(Method::PUT, &format!("/users/{user}/gitsshkey"), None).await
}

#[tokio::test]
async fn every_user_has_a_key_from_the_start() {
    let (_app, _owner, ada) = TestApp::with_actor("ada", &[]).await;
    let key = ada.get("/users/me/gitsshkey").await.expect_status(200);
    let shown = key.json();
    let members: Vec<&String> = shown.as_object().into_iter().flat_map(serde_json::Map::keys).collect();
    assert_eq!(members, ["created_at", "public_key", "updated_at", "user_id"]);
    assert_eq!(key.text_at("/user_id"), ada.get("/users/me").await.text_at("/id"));
    assert_eq!(key.text_at("/created_at"), key.text_at("/updated_at"));
    let line = key.text_at("/public_key");
    let body = line.strip_prefix("ssh-ed25519 AAAA").and_then(|rest| rest.strip_suffix('\n'));
    assert!(body.is_some_and(|body| !body.contains([' ', '\n'])), "{line:?}");
}

#[tokio::test]
async fn a_key_stays_the_same_until_it_is_replaced() {
    let (_app, owner) = TestApp::with_owner().await;
    let old = owner.get("/users/me/gitsshkey").await.expect_status(200);
    assert_eq!(owner.get("/users/me/gitsshkey").await.expect_status(200).text, old.text);
    let new = regenerate(&owner, "me").await.expect_status(200);
    assert_ne!(new.text_at("/public_key"), old.text_at("/public_key"));
    assert_eq!(new.text_at("/created_at"), old.text_at("/created_at"));
    assert!(new.micros_at("/updated_at") > old.micros_at("/updated_at"), "{}", new.text);
    assert_eq!(owner.get("/users/me/gitsshkey").await.expect_status(200).text, new.text);
}

#[tokio::test]
async fn a_missing_key_is_created_on_demand() {
    let (app, owner) = TestApp::with_owner().await;
    let id = owner.get("/users/me").await.text_at("/id").parse().expect("the id is a UUID");
    let partition = format!("USER#{}", ShortId::of(id).as_str());
    app.remove_item(&partition, "GIT_SSH_KEY").await;
    let made = owner.get("/users/me/gitsshkey").await.expect_status(200);
    assert!(made.text_at("/public_key").starts_with("ssh-ed25519 "), "{}", made.text);
    assert_eq!(owner.get("/users/me/gitsshkey").await.expect_status(200).text, made.text);
    app.remove_item(&partition, "GIT_SSH_KEY").await;
    let replaced = regenerate(&owner, "me").await.expect_status(200);
    assert_eq!(owner.get("/users/me/gitsshkey").await.expect_status(200).text, replaced.text);
}

#[tokio::test]
async fn concurrent_requests_for_a_missing_key_see_the_same_key() {
    let (app, owner) = TestApp::with_owner().await;
    let id = owner.get("/users/me").await.text_at("/id").parse().expect("the id is a UUID");
    app.remove_item(&format!("USER#{}", ShortId::of(id).as_str()), "GIT_SSH_KEY").await;
    let ask = || owner.get("/users/me/gitsshkey");
    // The first request has read twice that there is no key and is about to store one when the second arrives.
    app.faults.script([Fault::None, Fault::None, Fault::Hold]);
    let (first, second) = app.faults.interleave(ask(), ask()).await;
    let (first, second) = (first.expect_status(200).text, second.expect_status(200).text);
    assert_eq!((&first, &second), (&second, &ask().await.expect_status(200).text));
}

#[tokio::test]
async fn users_have_different_keys() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    let keys = [owner.get("/users/me/gitsshkey").await, owner.get("/users/ada/gitsshkey").await];
    assert_ne!(keys[0].text_at("/public_key"), keys[1].text_at("/public_key"));
}

#[tokio::test]
async fn owners_and_user_admins_read_and_replace_a_key_by_name_and_id() {
    let (app, owner, id) = TestApp::with_user("ada").await;
    let admin = app.user_with_roles(&owner, "admin", &["user-admin"]).await;
    for actor in [&owner, &admin] {
        for user in ["ada", &id] {
            let new = regenerate(actor, user).await.expect_status(200);
            let read = actor.get(&format!("/users/{user}/gitsshkey")).await.expect_status(200);
            assert_eq!(read.text, new.text);
        }
    }
}

#[tokio::test]
async fn each_operation_needs_its_own_scope() {
    let (_app, owner) = TestApp::with_owner().await;
    let personal = owner.create_token(json!({ "scopes": ["user:read", "user:read_personal"] })).await;
    personal.get("/users/me/gitsshkey").await.expect_status(200);
    regenerate(&personal, "me").await.expect_status(403);
    let reader = owner.create_token(json!({ "scopes": ["user:read"] })).await;
    reader.get("/users/me/gitsshkey").await.expect_status(403);
}

#[tokio::test]
async fn the_algorithm_is_configurable_for_first_and_later_keys() {
    let (_app, owner) = TestApp::with_settings(&[("ROSTER_SSH_KEYGEN_ALGORITHM", "ecdsa")]).await;
    let old = owner.get("/users/me/gitsshkey").await.expect_status(200);
    let new = regenerate(&owner, "me").await.expect_status(200);
    for key in [&old, &new] {
        assert!(key.text_at("/public_key").starts_with("ecdsa-sha2-nistp256 AAAA"), "{}", key.text);
        assert_eq!(key.text_at("/public_key").matches([' ', '\n']).count(), 2, "{}", key.text);
    }
    assert_ne!(new.text_at("/public_key"), old.text_at("/public_key"));
    assert_eq!(new.text_at("/created_at"), old.text_at("/created_at"));
}

#[tokio::test]
async fn an_rsa_key_has_4096_bits() {
    let (_app, owner) = TestApp::with_settings(&[("ROSTER_SSH_KEYGEN_ALGORITHM", "rsa4096")]).await;
    let line = owner.get("/users/me/gitsshkey").await.expect_status(200).text_at("/public_key");
    // The algorithm, the exponent 65537 in three bytes, and a modulus of 512 bytes after a zero byte.
    let body = line.strip_prefix("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAACAQ").and_then(|rest| rest.strip_suffix('\n'));
    assert!(body.is_some_and(|body| !body.contains([' ', '\n'])), "{line:?}");
}

cases! {
    a_member_reads_their_own_key: member GET "/users/me/gitsshkey" => 200;
    an_auditor_may_not_read_a_key: auditor GET "/users/ada/gitsshkey" => 403;
    the_key_of_an_unknown_user_is_not_found: owner GET "/users/nobody/gitsshkey" => hidden;
    the_key_of_a_hidden_user_is_not_found: member GET "/users/ada/gitsshkey" => hidden;
    a_key_without_a_token_is_refused: anonymous GET "/users/me/gitsshkey" => 401;
    a_member_replaces_their_own_key: member PUT "/users/me/gitsshkey" => 200;
    an_auditor_may_not_replace_a_key: auditor PUT "/users/ada/gitsshkey" => 403;
    the_key_of_an_unknown_user_is_not_replaced: owner PUT "/users/nobody/gitsshkey" => hidden;
    the_key_of_a_hidden_user_is_not_replaced: member PUT "/users/ada/gitsshkey" => hidden;
    replacing_a_key_without_a_token_is_refused: anonymous PUT "/users/me/gitsshkey" => 401;
}
