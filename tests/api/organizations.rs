//! `GET /organizations`, and everything below it.

mod organization;

use roster_tests::cast::assert_signed_out;
use roster_tests::{Actor, Cast, TestApp};
use serde_json::json;

use crate::cases::cases;

async fn homeless(app: &TestApp, owner: &Actor) -> Actor {
    let homeless = app.user_with_roles(owner, "homeless", &[]).await;
    owner.delete("/organizations/default/members/homeless").await.expect_status(204);
    homeless
}

#[tokio::test]
async fn the_list_holds_what_the_caller_may_read() {
    let cast = Cast::assemble().await;
    let own = cast.owner.get("/users/me/organizations").await.expect_status(200);
    for actor in [&cast.owner, &cast.user_admin, &cast.auditor, &cast.template_admin, &cast.member] {
        for path in ["/organizations", "/organizations/"] {
            assert_eq!(actor.get(path).await.expect_status(200).text, own.text);
        }
    }
    let homeless = homeless(&cast.app, &cast.owner).await;
    assert_eq!(homeless.get("/organizations").await.expect_status(200).json(), json!([]));
    assert_signed_out(&cast.app.anonymous().get("/organizations").await);
}

#[tokio::test]
async fn before_the_first_user_there_is_none_and_nobody_to_ask() {
    let app = TestApp::start().await;
    assert_signed_out(&app.anonymous().get("/organizations").await);
}

cases! {
    a_member_lists_the_organizations: member GET "/organizations" => 200;
    organizations_without_a_token_are_refused: anonymous GET "/organizations" => 401;
}
