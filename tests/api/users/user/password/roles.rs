//! Permissions to change passwords.

use roster_tests::TestApp;
use roster_tests::app::PASSWORD;
use roster_tests::cast::assert_hidden;
use serde_json::json;

use super::{ANOTHER, change, own_change, reset};

#[tokio::test]
async fn read_only_tokens_change_no_password() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    let reader = owner.create_token(json!({ "scopes": ["user:read", "user:read_personal"] })).await;
    for (user, body) in [("me", own_change()), ("ada", reset())] {
        assert_hidden(&owner, &change(&reader, user, body).await).await;
    }
    app.login("ada@example.com", PASSWORD).await.expect_status(201);
}

#[tokio::test]
async fn the_scope_to_update_personal_data_is_enough() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    let writer = owner.create_token(json!({ "scopes": ["user:read", "user:update_personal"] })).await;
    change(&writer, "ada", reset()).await.expect_status(204);
    change(&writer, "me", own_change()).await.expect_status(204);
    for name in ["ada", "owner"] {
        app.login(&format!("{name}@example.com"), ANOTHER).await.expect_status(201);
    }
}
