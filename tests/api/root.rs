//! `GET /api/v2`.

use roster_tests::TestApp;
use roster_tests::cast::assert_says_only_a_message;

use crate::cases::cases;

#[tokio::test]
async fn the_root_says_what_is_here_with_and_without_a_slash() {
    let app = TestApp::start().await;
    let root = app.anonymous().get("/").await.expect_status(200);
    assert_says_only_a_message(&root);
    assert_eq!(app.anonymous().get("").await.expect_status(200).text, root.text);
}

cases! {
    the_root_greets: anonymous GET "" => 200;
}
