//! `GET /organizations/{organization}`.

mod members;
mod settings;

use roster_tests::TestApp;
use roster_tests::cast::{UNKNOWN, assert_hidden, assert_signed_out};
use serde_json::json;

use super::outsider;
use crate::cases::cases;

#[tokio::test]
async fn an_organization_is_found_by_id_by_name_and_as_the_default() {
    let (_app, owner, ada) = TestApp::with_actor("ada", &[]).await;
    let listed = owner.get("/organizations").await.expect_status(200).json()[0].clone();
    let id = listed["id"].as_str().unwrap_or_default();
    let nil = "00000000-0000-0000-0000-000000000000";
    for name in [id, &id.to_uppercase(), "coder", "CODER", "default", nil, "coder/"] {
        for actor in [&owner, &ada] {
            assert_eq!(actor.get(&format!("/organizations/{name}")).await.expect_status(200).json(), listed, "{name}");
        }
    }
    assert_eq!(listed["is_default"], json!(true));
    assert_eq!(listed["default_org_member_roles"], json!(["organization-workspace-access"]));
}

#[tokio::test]
async fn missing_and_hidden_organizations_have_the_same_answer() {
    let (app, owner) = TestApp::with_owner().await;
    let outsider = outsider(&app, &owner).await;
    let id = owner.get("/organizations/default").await.expect_status(200).text_at("/id");
    for name in ["nowhere", UNKNOWN, "%00", "Default"] {
        assert_hidden(&owner, &owner.get(&format!("/organizations/{name}")).await).await;
    }
    for name in [id.as_str(), "coder", "default"] {
        for path in [format!("/organizations/{name}"), format!("/organizations/{name}/settings/workspace-sharing")] {
            assert_hidden(&outsider, &outsider.get(&path).await).await;
        }
    }
    assert_signed_out(&app.anonymous().get("/organizations/default").await);
}

#[tokio::test]
async fn without_the_scope_no_organization_is_found() {
    let (_app, owner) = TestApp::with_owner().await;
    let narrow = owner.create_token(json!({ "scopes": ["user:read"] })).await;
    assert_eq!(narrow.get("/organizations").await.expect_status(200).json(), json!([]));
    narrow.get("/organizations/default").await.expect_status(404);
}

cases! {
    a_member_reads_the_default_organization: member GET "/organizations/default" => 200;
    an_unknown_organization_is_not_found: owner GET "/organizations/nowhere" => hidden;
    an_organization_without_a_token_is_refused: anonymous GET "/organizations/default" => 401;
}
