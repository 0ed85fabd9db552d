//! `GET /buildinfo`.

use roster_tests::TestApp;

use crate::cases::cases;

#[tokio::test]
async fn the_version_equals_the_header_and_the_deployment_id_is_stable() {
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
async fn the_deployment_id_depends_on_key_and_table_but_not_on_the_url() {
    let here = deployment_id(&[]).await;
    assert_ne!(deployment_id(&[("ROSTER_TABLE", "Another")]).await, here);
    let key = ("ROSTER_ENCRYPTION_KEY", "HwEBAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    assert_ne!(deployment_id(&[key]).await, here);
    assert_eq!(deployment_id(&[("ROSTER_ACCESS_URL", "https://there.test")]).await, here);
}

cases! {
    build_information_needs_no_token: anonymous GET "/buildinfo" => 200;
}
