//! `POST /users`: organizations of a new user, and service accounts.

use roster_tests::TestApp;
use roster_tests::cast::assert_hidden;
use serde_json::json;
use uuid::Uuid;

use super::{ada, assert_nothing_left, create, service_account};
use crate::users::{Cast, NIL, UNKNOWN, assert_invalid, item_keys, organization, short_id, with};

#[tokio::test]
async fn every_name_of_the_default_organization_gives_one_membership() {
    let (_app, owner) = TestApp::with_owner().await;
    let id = organization(&owner).await;
    let cases = [
        json!({ "organization_ids": [NIL] }),
        json!({ "organization_ids": [id] }),
        json!({ "organization_ids": null, "organization_id": id }),
        json!({ "organization_ids": null, "organization_id": NIL }),
        json!({ "organization_ids": [id, NIL, id], "organization_id": id }),
        json!({ "organization_ids": [id.to_uppercase()] }),
        json!({ "organization_ids": vec![NIL; 1_000], "organization_id": id }),
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
async fn a_user_of_two_organizations_is_a_member_of_both() {
    let cast = Cast::assemble().await;
    let first = organization(&cast.owner).await;
    let second = Uuid::from_u128(2);
    cast.app.import_organization(second, "second").await;
    let (second, both) = (second.to_string(), json!({ "organization_ids": [first, Uuid::from_u128(2)] }));
    let created = create(&cast.owner, ada(&both)).await.expect_status(201).json();
    assert_eq!(created["organization_ids"], json!([first, second]));
    assert_eq!(
        cast.owner.get("/users/ada").await.expect_status(200).json()["organization_ids"],
        json!([first, second])
    );
    let ada = cast.app.sign_in("ada").await;
    let own = ada.get("/users/me/organizations").await.expect_status(200).json();
    let mut names: Vec<&str> = own.as_array().into_iter().flatten().filter_map(|own| own["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["coder", "second"]);
    for actor in [&ada, &cast.owner] {
        let found = actor.get("/users/ada/organizations/second").await.expect_status(200);
        assert_eq!(found.text_at("/id"), second);
    }
    // A user who is not a member of the organization neither sees it nor creates users in it.
    for path in ["/users/me/organizations/second", "/organizations/second"] {
        assert_hidden(&cast.owner, &cast.member.get(path).await).await;
    }
    let before = item_keys(&cast.app).await;
    let body = with(&TestApp::new_user("eve"), &json!({ "organization_ids": [second] }));
    create(&cast.member, body).await.expect_status(404);
    assert_nothing_left(&cast.app, &before).await;
}

#[tokio::test]
async fn too_many_organizations_are_refused_without_a_lookup() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    let many = |number: u128| json!({ "organization_ids": (1..=number).map(Uuid::from_u128).collect::<Vec<_>>() });
    create(&owner, ada(&many(50))).await.expect_status(404);
    let refused = create(&owner, ada(&many(20_000))).await;
    assert_invalid(&refused, &["organization_ids"]);
    assert_eq!(refused.cost().calls, 1);
    let stranger = owner.with_token(format!("aaaaaaaaaa-{}", "b".repeat(22)));
    assert!(create(&stranger, ada(&many(20_000))).await.expect_status(401).cost().calls <= 1);
    let body = json!({ "email": format!("{}@example.com", "a".repeat(500_000)) });
    assert_invalid(&create(&owner, ada(&body)).await, &["email"]);
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn an_unknown_organization_is_named_in_the_404() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    let another = Uuid::from_u128(77);
    for organizations in [json!([UNKNOWN]), json!([NIL, UNKNOWN]), json!([UNKNOWN, another])] {
        let refused = create(&owner, ada(&json!({ "organization_ids": organizations }))).await.expect_status(404);
        assert!(refused.text_at("/message").contains(UNKNOWN), "{}", refused.text);
    }
    assert_nothing_left(&app, &before).await;
}

#[tokio::test]
async fn an_organization_that_the_caller_left_is_not_found() {
    let cast = Cast::assemble().await;
    let id = organization(&cast.owner).await;
    let leave = format!("/organizations/{id}/members/member");
    cast.owner.delete(&leave).await.expect_status(204);
    create(&cast.member, ada(&json!({ "organization_ids": [id] }))).await.expect_status(404);
}

#[tokio::test]
async fn a_service_account_has_neither_an_email_address_nor_a_password() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    let created = create(&owner, service_account("robot", &json!({}))).await.expect_status(201).json();
    assert_eq!(owner.get("/users/robot").await.expect_status(200).json(), created);
    let short = short_id(&created);
    let mut added = item_keys(&app).await;
    added.retain(|key| !before.contains(key));
    let expected = [
        "DIRECTORY / robot".to_owned(),
        "DIRECTORY#STATUS#dormant / robot".to_owned(),
        format!("USER#{short} / GIT_SSH_KEY"),
        format!("USER#{short} / PROFILE"),
    ];
    assert_eq!(added, expected);
}

#[tokio::test]
async fn several_service_accounts_have_no_email_address() {
    let (app, owner) = TestApp::with_owner().await;
    create(&owner, service_account("robot", &json!({}))).await.expect_status(201);
    create(&owner, service_account("robot2", &json!({ "login_type": "none" }))).await.expect_status(201);
    assert_eq!(app.login("", "").await.status, 400);
    assert_eq!(create(&owner, service_account("ROBOT", &json!({}))).await.status, 409);
}
