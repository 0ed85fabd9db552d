//! `GET /users`: which users a caller sees.

use roster_tests::TestApp;
use serde_json::json;

use super::{assert_page, id_of, list, page, ten};
use crate::users::{Cast, assert_signed_out, organization};

#[tokio::test]
async fn a_member_sees_only_themselves() {
    let cast = Cast::assemble().await;
    let (owner_id, own_id) = (id_of(&cast.owner, "owner").await, id_of(&cast.owner, "member").await);
    let auditor_id = id_of(&cast.owner, "auditor").await;
    let cases = [
        (String::new(), "member", 1),
        ("limit=5".to_owned(), "member", 1),
        ("q=e".to_owned(), "member", 1),
        ("q=status:active".to_owned(), "member", 1),
        ("q=owner".to_owned(), "", 0),
        ("q=role:owner".to_owned(), "", 0),
        ("offset=1".to_owned(), "", 0),
        (format!("after_id={auditor_id}"), "member", 1),
        (format!("after_id={own_id}"), "", 0),
        (format!("after_id={owner_id}"), "", 0),
    ];
    for (query, names, count) in cases {
        assert_page(&cast.member, &query, names, count).await;
    }
}

#[tokio::test]
async fn readers_of_every_user_see_all_users() {
    let cast = Cast::assemble().await;
    for actor in [&cast.owner, &cast.user_admin, &cast.auditor, &cast.template_admin] {
        assert_page(actor, "", "auditor member owner template-admin user-admin", 5).await;
        assert_page(actor, "q=owner", "owner", 1).await;
    }
    let id = organization(&cast.owner).await;
    let path = format!("/organizations/{id}/members/member/roles");
    for (role, count) in [("organization-user-admin", 5), ("organization-admin", 5), ("organization-auditor", 1)] {
        cast.owner.put(&path, json!({ "roles": [role] })).await.expect_status(200);
        assert_eq!(page(&list(&cast.member, "").await).1, count, "{role}");
    }
}

#[tokio::test]
async fn without_a_token_the_query_is_not_validated() {
    let app = TestApp::start().await;
    app.set_up().await;
    for query in ["", "limit=-1", "q=foo:bar"] {
        let refused = app.anonymous().get(&format!("/users?{query}")).await;
        assert_signed_out(&refused);
        assert!(refused.invalid_fields().is_empty(), "{}", refused.text);
    }
}

#[tokio::test]
async fn a_deleted_user_is_in_no_list() {
    let (_app, owner) = ten().await;
    let id = id_of(&owner, "u5").await;
    owner.delete("/users/u5").await.expect_status(200);
    assert_page(&owner, "q=u5", "", 0).await;
    assert_page(&owner, &format!("q={id}"), "", 0).await;
    assert_page(&owner, "offset=5", "U6 U7 u8 u9", 9).await;
}
