//! `GET /api/v2`.

use roster_tests::TestApp;
use roster_tests::cast::assert_says_only_a_message;

use crate::cases::cases;

#[tokio::test]
async fn the_root_answers_with_and_without_a_trailing_slash() {
    let app = TestApp::start().await;
    let root = app.anonymous().get("/").await.expect_status(200);
    assert_says_only_a_message(&root);
    assert_eq!(app.anonymous().get("").await.expect_status(200).text, root.text);
}

cases! {
    the_root_answers_with_a_greeting: anonymous GET "" => 200;
}
