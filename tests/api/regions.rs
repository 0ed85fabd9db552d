//! `GET /regions`.

use roster_tests::TestApp;
use roster_tests::cast::assert_signed_out;
use serde_json::json;

#[tokio::test]
async fn the_deployment_is_its_own_only_region() {
    let (app, owner) = TestApp::with_owner().await;
    let id = app.anonymous().get("/buildinfo").await.text_at("/deployment_id");
    let region = json!({
        "id": id, "name": "primary", "display_name": "Default", "icon_url": "", "healthy": true,
        "path_app_url": "http://roster.test", "wildcard_hostname": "",
    });
    assert_eq!(owner.get("/regions").await.expect_status(200).json(), json!({ "regions": [region] }));
    assert_signed_out(&app.anonymous().get("/regions").await);
}
