//! `GET /buildinfo`.

use roster_tests::TestApp;
use serde_json::json;

#[tokio::test]
async fn the_build_describes_itself() {
    let app = TestApp::start().await;
    let answer = app.anonymous().get("/buildinfo").await.expect_status(200);
    let shown = answer.json();
    let expected = json!({
        "external_url": "http://roster.test", "version": answer.header("x-coder-build-version"),
        "dashboard_url": "http://roster.test", "telemetry": false, "workspace_proxy": false,
        "agent_api_version": "1.0", "provisioner_api_version": "1.0", "upgrade_message": "",
        "deployment_id": shown["deployment_id"], "webpush_public_key": "",
    });
    assert_eq!(shown, expected);
    let id = answer.text_at("/deployment_id");
    assert_eq!(uuid::Uuid::parse_str(&id).map(|uuid| uuid.to_string()), Ok(id.clone()));
    assert_eq!(app.anonymous().get("/buildinfo").await.text_at("/deployment_id"), id);
}

async fn deployment_id(settings: &[(&str, &str)]) -> String {
    TestApp::with(settings).await.anonymous().get("/buildinfo").await.text_at("/deployment_id")
}

#[tokio::test]
async fn another_key_or_another_table_is_another_deployment_and_another_url_is_not() {
    let here = deployment_id(&[]).await;
    assert_ne!(deployment_id(&[("ROSTER_TABLE", "Another")]).await, here);
    let key = ("ROSTER_ENCRYPTION_KEY", "HwEBAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    assert_ne!(deployment_id(&[key]).await, here);
    assert_eq!(deployment_id(&[("ROSTER_ACCESS_URL", "https://there.test")]).await, here);
}
