//! `/users/oidc/callback` and `/users/oauth2/github/…` while no provider is configured.

use roster_tests::TestApp;
use roster_tests::cast::assert_says_only_a_message;

use crate::cases::cases;

#[tokio::test]
async fn every_provider_route_reports_that_none_is_configured() {
    let (app, owner) = TestApp::with_owner().await;
    let stale = owner.with_token("0123456789-0123456789012345678901");
    for path in ["/users/oidc/callback", "/users/oauth2/github/callback", "/users/oauth2/github/device"] {
        for query in ["", "?code=x&state=y", "?error=access_denied", "?oidc_merge_state=convert-x&redirect=%2F"] {
            for actor in [&app.anonymous(), &owner, &stale] {
                let answer = actor.get(&format!("{path}{query}")).await.expect_status(400);
                assert_says_only_a_message(&answer);
                assert!(answer.set_cookies("oauth_state").is_empty(), "{path}{query}");
                assert_eq!(answer.header("location"), "", "{path}{query}");
            }
        }
    }
}

cases! {
    the_github_device_flow_is_not_configured: anonymous GET "/users/oauth2/github/device" => 400;
    the_github_callback_is_not_configured: anonymous GET "/users/oauth2/github/callback" => 400;
    the_oidc_callback_is_not_configured: anonymous GET "/users/oidc/callback" => 400;
}
