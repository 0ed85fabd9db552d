//! `GET /users/{user}/keys/{keyid}` and `GET /users/{user}/keys/tokens/{keyname}`.

use roster_tests::TestApp;
use serde_json::json;

use crate::cases::assert_exchange;
use crate::cases::cases;
use crate::users::user::keys::UNKNOWN_ID;

#[tokio::test]
async fn a_key_is_found_by_name_and_by_id_for_every_form_of_the_user() {
    let (_app, _owner, ada) = TestApp::with_actor("ada", &[]).await;
    let token = ada.create_token(json!({ "token_name": "ci" })).await;
    let by_name = ada.get("/users/me/keys/tokens/ci").await.expect_status(200);
    for path in ["/users/me/keys", "/users/ada/keys"] {
        assert_eq!(
            ada.get(&format!("{path}/{}", token.key_id())).await.expect_status(200).text,
            by_name.text,
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_owner_finds_the_key_of_another_user_by_id_even_under_me() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    for key in [ada.clone(), ada.create_token(json!({})).await] {
        let found = owner.get(&format!("/users/me/keys/{}", key.key_id())).await.expect_status(200);
        assert_eq!(found.text_at("/user_id"), ada.get("/users/me").await.text_at("/id"));
    }
}

#[tokio::test]
async fn a_token_name_is_looked_up_for_the_user_in_the_path() {
    let (_app, owner, id) = TestApp::with_user("ada").await;
    owner.create_token_for("ada", json!({ "token_name": "ci" })).await;
    assert_eq!(owner.get("/users/ada/keys/tokens/ci").await.expect_status(200).text_at("/user_id"), id);
    owner.get("/users/me/keys/tokens/ci").await.expect_status(404);
}

#[tokio::test]
async fn an_expired_token_is_found() {
    let (_app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({ "token_name": "ci" })).await;
    let path = format!("/users/me/keys/{}", token.key_id());
    owner.put(&format!("{path}/expire"), json!(null)).await.expect_status(204);
    owner.get(&path).await.expect_status(200);
    owner.get("/users/me/keys/tokens/ci").await.expect_status(200);
}

#[tokio::test]
async fn a_name_in_a_path_is_decoded_and_compared_exactly() {
    let (_app, owner) = TestApp::with_owner().await;
    owner.create_token(json!({ "token_name": "Ünïcode + name" })).await;
    owner.get("/users/me/keys/tokens/%C3%9Cn%C3%AFcode%20%2B%20name").await.expect_status(200);
    owner.get("/users/me/keys/tokens/%C3%BCn%C3%AFcode%20%2B%20name").await.expect_status(404);
}

#[tokio::test]
async fn names_with_a_slash_or_a_reserved_segment_are_unreachable() {
    let (_app, owner) = TestApp::with_owner().await;
    for name in ["a/b", "tokenconfig"] {
        owner.create_token(json!({ "token_name": name })).await;
    }
    let unknown = owner.get("/nowhere").await.expect_status(404);
    assert_eq!(owner.get("/users/me/keys/tokens/a%2Fb").await.expect_status(404).text, unknown.text);
    let configuration = owner.get("/users/me/keys/tokens/tokenconfig").await.expect_status(200).json();
    assert!(configuration["max_token_lifetime"].is_i64(), "{configuration}");
}

#[tokio::test]
async fn hidden_and_missing_keys_have_the_same_answer() {
    let (app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let token = ada.create_token(json!({ "token_name": "ci" })).await;
    let admin = app.user_with_roles(&owner, "admin", &["user-admin"]).await;
    let bob = app.user_with_roles(&owner, "bob", &[]).await;
    let reader = ada.create_token(json!({ "scopes": ["user:read"] })).await;
    let missing = ada.get("/users/me/keys/0000000000").await.expect_status(404).text;
    let by_id = format!("keys/{}", token.key_id());
    for (actor, path) in [
        (&ada, "/users/me/keys/x".to_owned()),
        (&ada, format!("/users/me/keys/{UNKNOWN_ID}")),
        (&ada, "/users/me/keys/tokens/nonsense".to_owned()),
        (&ada, "/users/me/keys/tokens/CI".to_owned()),
        (&ada, format!("/users/{UNKNOWN_ID}/{by_id}")),
        (&bob, format!("/users/me/{by_id}")),
        (&bob, format!("/users/ada/{by_id}")),
        (&bob, "/users/ada/keys/tokens/ci".to_owned()),
        (&admin, format!("/users/ada/{by_id}")),
        (&admin, "/users/ada/keys/tokens/ci".to_owned()),
        (&reader, format!("/users/me/{by_id}")),
        (&reader, "/users/me/keys/tokens/ci".to_owned()),
    ] {
        assert_eq!(actor.get(&path).await.expect_status(404).text, missing, "{path}");
    }
}

#[tokio::test]
async fn a_key_that_reads_itself_sees_its_current_use() {
    let (app, _owner) = TestApp::with_owner().await;
    let session = app.sign_in("owner").await;
    let path = format!("/users/me/keys/{}", session.key_id());
    let first = session.get(&path).await.expect_status(200).text_at("/last_used");
    assert_ne!(first, "1970-01-01T00:00:00Z");
    assert_eq!(session.get(&path).await.expect_status(200).text_at("/last_used"), first);
}

#[tokio::test]
async fn an_owner_reads_their_own_token_by_id_and_by_name() {
    let (_app, owner) = TestApp::with_owner().await;
    let token = owner.create_token(json!({ "token_name": "ci" })).await;
    let read = owner.get(&format!("/users/me/keys/{}", token.key_id())).await.expect_status(200);
    assert_exchange!("an_owner_reads_their_own_token_by_id", read);
    let read = owner.get("/users/me/keys/tokens/ci").await.expect_status(200);
    assert_exchange!("an_owner_reads_their_own_token_by_name", read);
}

cases! {
    an_unknown_token_name_is_not_found: member GET "/users/me/keys/tokens/nothing" => 404;
    an_unknown_key_is_not_found: member GET "/users/me/keys/0000000000" => 404;
    a_key_without_a_token_is_refused: anonymous GET "/users/me/keys/0000000000" => 401;
    a_token_name_without_a_token_is_refused: anonymous GET "/users/me/keys/tokens/nothing" => 401;
}
