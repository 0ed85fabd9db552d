//! `GET /updatecheck`.

use roster_tests::TestApp;
use serde_json::json;

#[tokio::test]
async fn the_version_is_always_current() {
    let app = TestApp::start().await;
    let answer = app.anonymous().get("/updatecheck").await.expect_status(200);
    let version = answer.header("x-coder-build-version");
    assert_eq!(answer.json(), json!({ "current": true, "version": version, "url": "http://roster.test" }));
}
