//! What needs no account: `GET /api/v2`, `/buildinfo`, `/updatecheck` and `/auth/scopes`.

use roster_tests::TestApp;
use roster_tests::cast::assert_says_only_a_message;
use serde_json::json;

/// Every public scope, in byte order (Spec: auth 3.1).
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

#[tokio::test]
async fn the_root_says_what_is_here_with_and_without_a_slash() {
    let app = TestApp::start().await;
    let root = app.anonymous().get("/").await.expect_status(200);
    assert_says_only_a_message(&root);
    assert_eq!(app.anonymous().get("").await.expect_status(200).text, root.text);
}

#[tokio::test]
async fn the_version_is_always_current() {
    let app = TestApp::start().await;
    let answer = app.anonymous().get("/updatecheck").await.expect_status(200);
    let version = answer.header("x-coder-build-version");
    assert_eq!(answer.json(), json!({ "current": true, "version": version, "url": "http://roster.test" }));
}

#[tokio::test]
async fn the_public_scopes_are_listed_in_byte_order() {
    let app = TestApp::start().await;
    let expected: Vec<&str> = SCOPES.split(' ').collect();
    assert_eq!(expected.len(), 55);
    assert_eq!(app.anonymous().get("/auth/scopes").await.expect_status(200).json(), json!({ "external": expected }));
}

#[tokio::test]
async fn none_asks_the_database() {
    let app = TestApp::start().await;
    for path in ["", "/buildinfo", "/updatecheck", "/auth/scopes", "/users/authmethods"] {
        assert_eq!(app.anonymous().get(path).await.expect_status(200).cost().calls, 0, "{path}");
    }
}

#[tokio::test]
async fn a_token_that_is_none_does_not_matter() {
    let (_app, owner) = TestApp::with_owner().await;
    let stale = owner.with_token("0123456789-0123456789012345678901");
    for path in ["", "/buildinfo", "/updatecheck", "/entitlements", "/auth/scopes"] {
        stale.get(path).await.expect_status(200);
    }
}
