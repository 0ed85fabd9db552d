//! Routes about the deployment: public ones, ones for every signed-in user, and features that are not implemented.

use http::Method;
use roster_tests::cast::assert_signed_out;
use roster_tests::{Cast, TestApp};

/// The paths that every user may read, with any role.
const PATHS: [&str; 6] = [
    "/experiments",
    "/experiments/available",
    "/appearance",
    "/deployment/ssh",
    "/licenses",
    "/organizations/default/settings/workspace-sharing",
];

#[tokio::test]
async fn every_signed_in_user_gets_the_same_answer() {
    let cast = Cast::assemble().await;
    for path in PATHS {
        let answer = cast.owner.get(path).await.expect_status(200);
        for actor in [&cast.auditor, &cast.member] {
            assert_eq!(actor.get(path).await.expect_status(200).text, answer.text, "{path}");
        }
        assert_signed_out(&cast.app.anonymous().get(path).await);
    }
}

/// Statistics of workspaces and quiet hours are not implemented.
#[tokio::test]
async fn workspace_routes_do_not_exist() {
    let (_app, owner) = TestApp::with_owner().await;
    let unknown = owner.get("/nowhere").await.expect_status(404).text;
    for path in ["/deployment/stats", "/users/me/quiet-hours"] {
        assert_eq!(owner.get(path).await.expect_status(404).text, unknown, "{path}");
    }
}

#[tokio::test]
async fn scim_reports_that_it_is_not_configured() {
    let (app, owner) = TestApp::with_owner().await;
    let unknown = owner.get("/nowhere").await.expect_status(404).text_at("/message");
    for actor in [&app.anonymous(), &owner] {
        for (method, uri) in [
            (Method::GET, "/scim/v2/Users"),
            (Method::POST, "/scim/v2/Users"),
            (Method::GET, "/scim/v2/ServiceProviderConfig"),
            (Method::PATCH, "/scim/v2/Users/0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f"),
        ] {
            let answer = actor.send(method.clone(), uri, &[], "").await.expect_status(404);
            assert!(!answer.text_at("/detail").is_empty(), "{method} {uri}: {}", answer.text);
            assert_ne!(answer.text_at("/message"), unknown, "{method} {uri}");
        }
    }
}

#[tokio::test]
async fn public_routes_do_not_read_the_database() {
    let app = TestApp::start().await;
    for path in ["", "/buildinfo", "/updatecheck", "/auth/scopes", "/users/authmethods"] {
        assert_eq!(app.anonymous().get(path).await.expect_status(200).cost().calls, 0, "{path}");
    }
}

#[tokio::test]
async fn an_invalid_token_is_ignored() {
    let (_app, owner) = TestApp::with_owner().await;
    let stale = owner.with_token("0123456789-0123456789012345678901");
    for path in ["", "/buildinfo", "/updatecheck", "/entitlements", "/auth/scopes"] {
        stale.get(path).await.expect_status(200);
    }
}
