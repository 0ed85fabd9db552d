//! `GET /buildinfo`.

use roster_tests::TestApp;

use crate::cases::cases;

#[tokio::test]
async fn the_version_is_that_of_the_header_and_the_deployment_keeps_its_id() {
    let app = TestApp::start().await;
    let answer = app.anonymous().get("/buildinfo").await.expect_status(200);
    assert_eq!(answer.text_at("/version"), answer.header("x-coder-build-version"));
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

cases! {
    the_build_is_described_without_a_token: anonymous GET "/buildinfo" => 200;
}
