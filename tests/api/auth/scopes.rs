//! `GET /auth/scopes`.

use roster_tests::TestApp;
use serde_json::json;

/// Every public scope, in byte order (docs/api/api-keys.md#public-scopes).
const SCOPES: &str = "\
    api_key:* api_key:create api_key:delete api_key:read api_key:update \
    coder:all coder:apikeys.manage_self coder:application_connect \
    coder:templates.author coder:templates.build \
    coder:workspaces.access coder:workspaces.create coder:workspaces.delete coder:workspaces.operate \
    file:* file:create file:read \
    organization:* organization:delete organization:read organization:update \
    task:* task:create task:delete task:read task:update \
    template:* template:create template:delete template:read template:update template:use \
    user:* user:read user:read_personal user:update_personal \
    user_secret:* user_secret:create user_secret:delete user_secret:read user_secret:update \
    user_skill:* user_skill:create user_skill:delete user_skill:read user_skill:update \
    workspace:* workspace:application_connect workspace:create workspace:delete workspace:read \
    workspace:ssh workspace:start workspace:stop workspace:update";

#[tokio::test]
async fn the_public_scopes_are_listed_in_byte_order() {
    let app = TestApp::start().await;
    let expected: Vec<&str> = SCOPES.split(' ').collect();
    assert_eq!(expected.len(), 55);
    assert_eq!(app.anonymous().get("/auth/scopes").await.expect_status(200).json(), json!({ "external": expected }));
}
