//! Which routes count how: the tables of the specification against the routes, and every route against its answers.

use std::collections::BTreeSet;

use http::Method;
use roster_tests::TestApp;

/// The stricter group (docs/api/authentication.md#rate-limits), and the forms that do the same. Every method of the
/// last three paths of the API would be one of it.
const LOGIN_GROUP: [&str; 11] = [
    "POST /api/v2/users/login",
    "POST /api/v2/users/otp/request",
    "POST /api/v2/users/otp/change-password",
    "POST /api/v2/users/validate-password",
    "PUT /api/v2/users/{user}/password",
    "GET /api/v2/users/oauth2/github/device",
    "GET /api/v2/users/oauth2/github/callback",
    "GET /api/v2/users/oidc/callback",
    "POST /cli-auth",
    "POST /reset-password",
    "POST /reset-password/change",
];

/// Routes that authenticate nobody (docs/api/authentication.md#public-routes), and pages.
const PUBLIC: [&str; 21] = [
    "GET /api/v2",
    "GET /api/v2/buildinfo",
    "GET /api/v2/updatecheck",
    "GET /api/v2/entitlements",
    "GET /api/v2/auth/scopes",
    "GET /api/v2/users/first",
    "POST /api/v2/users/first",
    "GET /api/v2/users/authmethods",
    "POST /api/v2/users/login",
    "POST /api/v2/users/otp/request",
    "POST /api/v2/users/otp/change-password",
    "POST /api/v2/users/validate-password",
    "GET /api/v2/users/oauth2/github/device",
    "GET /api/v2/users/oauth2/github/callback",
    "GET /api/v2/users/oidc/callback",
    "GET /cli-auth",
    "POST /cli-auth",
    "GET /reset-password",
    "POST /reset-password",
    "GET /reset-password/change",
    "POST /reset-password/change",
];

/// Routes without the slash that some of them also answer with.
fn shown<'a>(routes: impl Iterator<Item = (&'a Method, String)>) -> BTreeSet<String> {
    routes.map(|(method, path)| format!("{method} {}", path.trim_end_matches('/'))).collect()
}

fn of<const N: usize>(table: [&str; N]) -> BTreeSet<String> {
    table.into_iter().map(str::to_owned).collect()
}

#[test]
fn the_stricter_group_and_the_public_routes_are_those_of_the_specification() {
    let routes = roster_platform::routes();
    assert_eq!(shown(routes.iter_login_group()), of(LOGIN_GROUP));
    assert_eq!(shown(routes.iter_public()), of(PUBLIC));
}

#[tokio::test]
async fn every_route_counts_every_request_once() {
    let app = TestApp::with(&[("ROSTER_DANGEROUS_DISABLE_RATE_LIMITS", "false")]).await;
    let owner = app.set_up().await;
    let token = owner.create_token(serde_json::json!({})).await;
    for (method, path) in roster_platform::routes().iter() {
        let path = path.replace("{user}", "me").replace("{organization}", "default").replace(['{', '}'], "");
        for actor in [&app.anonymous(), &token] {
            // A minute and the one after it: every path begins anew.
            app.clock.advance(chrono::TimeDelta::minutes(2));
            // The body is none that any route takes.
            let answer = actor.send(method.clone(), &path, &[], "[").await;
            let number = |name: &str| answer.header(name).parse::<u64>().unwrap_or_default();
            let (limit, remaining) = (number("x-ratelimit-limit"), number("x-ratelimit-remaining"));
            assert!(limit > 0, "{method} {path} is not counted: is the route public, or does it authenticate nobody?");
            assert_eq!(limit - remaining, 1, "{method} {path} is counted more than once");
        }
    }
}
