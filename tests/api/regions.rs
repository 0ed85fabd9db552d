//! `GET /regions`.

use roster_tests::TestApp;

use crate::cases::cases;

#[tokio::test]
async fn the_only_region_has_the_id_of_the_deployment() {
    let (app, owner) = TestApp::with_owner().await;
    let id = app.anonymous().get("/buildinfo").await.text_at("/deployment_id");
    assert_eq!(owner.get("/regions").await.expect_status(200).text_at("/regions/0/id"), id);
}

cases! {
    a_member_reads_the_regions: member GET "/regions" => 200;
    regions_without_a_token_are_refused: anonymous GET "/regions" => 401;
}
