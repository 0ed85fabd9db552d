//! `GET /organizations`, and everything below it.

mod organization;

use roster_tests::cast::assert_signed_out;
use roster_tests::{Actor, Cast, TestApp};
use serde_json::json;

use crate::cases::cases;

async fn outsider(app: &TestApp, owner: &Actor) -> Actor {
    let outsider = app.user_with_roles(owner, "outsider", &[]).await;
    owner.delete("/organizations/default/members/outsider").await.expect_status(204);
    outsider
}

#[tokio::test]
async fn the_list_holds_the_organizations_that_the_caller_may_read() {
    let cast = Cast::assemble().await;
    let own = cast.owner.get("/users/me/organizations").await.expect_status(200);
    for actor in [&cast.owner, &cast.user_admin, &cast.auditor, &cast.template_admin, &cast.member] {
        for path in ["/organizations", "/organizations/"] {
            assert_eq!(actor.get(path).await.expect_status(200).text, own.text);
        }
    }
    let outsider = outsider(&cast.app, &cast.owner).await;
    assert_eq!(outsider.get("/organizations").await.expect_status(200).json(), json!([]));
    assert_signed_out(&cast.app.anonymous().get("/organizations").await);
}

#[tokio::test]
async fn organizations_need_a_token_before_the_first_user() {
    let app = TestApp::start().await;
    assert_signed_out(&app.anonymous().get("/organizations").await);
}

cases! {
    a_member_lists_the_organizations: member GET "/organizations" => 200;
    organizations_without_a_token_are_refused: anonymous GET "/organizations" => 401;
}
