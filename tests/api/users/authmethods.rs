//! `GET /users/authmethods`.

use roster_tests::TestApp;
use serde_json::json;

use crate::cases::cases;

#[tokio::test]
async fn the_login_methods_reflect_the_settings() {
    let settings = [
        ("ROSTER_DISABLE_PASSWORD_AUTH", "true"),
        ("ROSTER_TERMS_OF_SERVICE_URL", "https://example.com/terms?a=1&b=2"),
    ];
    let app = TestApp::with(&settings).await;
    let shown = app.anonymous().get("/users/authmethods").await.expect_status(200).json();
    assert_eq!(shown["password"], json!({ "enabled": false }));
    assert_eq!(shown["terms_of_service_url"], json!("https://example.com/terms?a=1&b=2"));
}

cases! {
    login_methods_need_no_token: anonymous GET "/users/authmethods" => 200;
}
