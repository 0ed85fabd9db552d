//! `GET /users/{user}`.

use roster::domain::user::User;
use roster_tests::TestApp;
use serde_json::json;

use crate::cases::cases;
use crate::users::{Cast, UNKNOWN, assert_hidden, assert_signed_out, imported_user, organization, with};

#[tokio::test]
async fn a_user_is_found_by_id_by_name_in_any_case_and_as_me() {
    let (app, owner, id) = TestApp::with_user("Ada").await;
    for path in [format!("/users/{id}"), "/users/aDA".to_owned()] {
        assert_eq!(owner.get(&path).await.expect_status(200).text_at("/id"), id, "{path}");
    }
    let ada = app.sign_in("Ada").await;
    ada.get("/users/me").await.expect_status(200);
    let me = ada.get("/users/me").await.expect_status(200).json();
    assert_eq!(me["username"], "Ada");
    for path in [format!("/users/{id}"), "/users/Ada".to_owned()] {
        assert_eq!(ada.get(&path).await.expect_status(200).json(), me, "{path}");
    }
}

#[tokio::test]
async fn an_id_is_accepted_in_four_forms() {
    let (_app, owner, id) = TestApp::with_user("ada").await;
    let forms = [id.to_uppercase(), format!("URN:uuid:{id}"), format!("%7B{id}%7D"), id.replace('-', "")];
    for form in forms {
        assert_eq!(owner.get(&format!("/users/{form}")).await.expect_status(200).text_at("/id"), id, "{form}");
    }
}

#[tokio::test]
async fn optional_members_appear_once_they_are_set() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    let bare = owner.get("/users/ada").await.expect_status(200).json();
    let profile = json!({ "username": "ada", "name": "Ada", "avatar_url": "/a.png" });
    let changed = owner.put("/users/ada/profile", profile.clone()).await.expect_status(200).json();
    let full = owner.get("/users/ada").await.expect_status(200).json();
    assert_eq!((bare.get("name"), bare.get("avatar_url"), bare.get("is_service_account")), (None, None, None));
    assert_eq!(full, with(&with(&bare, &profile), &json!({ "updated_at": changed["updated_at"] })));
}

#[tokio::test]
async fn email_address_upper_case_me_and_system_user_are_not_found() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    for name in ["ada@example.com", "ME", "Me", "prebuilds", "unknown", UNKNOWN, "%00", "a%20b", "login"] {
        assert_hidden(&owner, &owner.get(&format!("/users/{name}")).await).await;
    }
}

#[tokio::test]
async fn a_username_in_the_form_of_an_id_is_read_as_an_id() {
    let (app, owner) = TestApp::with_owner().await;
    let name = "0123456789abcdef0123456789abcdef";
    // No request creates such a user. An older version did.
    let user = User { username: name.to_owned(), ..imported_user(1) };
    app.import_users(std::slice::from_ref(&user)).expect("users can be imported");
    assert_hidden(&owner, &owner.get(&format!("/users/{name}")).await).await;
    assert_eq!(owner.get(&format!("/users/{}", user.id)).await.expect_status(200).text_at("/username"), name);
}

#[tokio::test]
async fn a_user_without_an_organization_has_an_empty_list() {
    let cast = Cast::assemble().await;
    let id = organization(&cast.owner).await;
    cast.owner.delete(&format!("/organizations/{id}/members/member")).await.expect_status(204);
    for answer in [cast.owner.get("/users/member").await, cast.member.get("/users/me").await] {
        assert_eq!(answer.expect_status(200).json()["organization_ids"], json!([]));
    }
}

#[tokio::test]
async fn readers_of_every_user_see_a_deleted_user_by_id() {
    let cast = Cast::assemble().await;
    let id = cast.app.create_user(&cast.owner, "ada").await;
    cast.owner.delete("/users/ada").await.expect_status(200);
    let path = format!("/users/{id}");
    assert_eq!(cast.auditor.get(&path).await.expect_status(200).text_at("/username"), "ada");
    assert_hidden(&cast.member, &cast.member.get(&path).await).await;
    assert_hidden(&cast.auditor, &cast.auditor.get("/users/ada").await).await;
}

#[tokio::test]
async fn without_a_token_existing_and_missing_users_have_the_same_answer() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    let refused = app.anonymous().get("/users/ada").await;
    assert_signed_out(&refused);
    for target in ["me", "unknown", UNKNOWN] {
        assert_eq!(app.anonymous().get(&format!("/users/{target}")).await.text, refused.text);
    }
}

cases! {
    an_auditor_reads_a_user: auditor GET "/users/ada" => 200;
    a_member_reads_their_own_record: member GET "/users/me" => 200;
    an_unknown_user_is_not_found: owner GET "/users/0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" => hidden;
    another_user_is_hidden_from_a_member: member GET "/users/ada" => hidden;
    a_user_without_a_token_is_refused: anonymous GET "/users/ada" => 401;
}
