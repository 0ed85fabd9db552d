//! Rate limits of routes: the documented lists match the route table, and every answer has the headers.

use std::collections::BTreeSet;

use roster::http::{Access, LimitGroup, Route};
use roster_tests::TestApp;

/// The routes with the stricter limit (docs/api/authentication.md#rate-limits), and the equivalent forms.
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

/// Routes that need no token (docs/api/authentication.md#public-routes), and pages.
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

fn shown(matches: fn(&Route) -> bool) -> BTreeSet<String> {
    let routes = roster_platform::routes().into_iter().filter(matches);
    routes.map(|route| format!("{} {}", route.method, route.full_path())).collect()
}

fn of<const N: usize>(table: [&str; N]) -> BTreeSet<String> {
    table.into_iter().map(str::to_owned).collect()
}

#[test]
fn the_login_group_and_the_public_routes_match_the_documentation() {
    assert_eq!(shown(|route| route.limit == LimitGroup::Login), of(LOGIN_GROUP));
    assert_eq!(shown(|route| route.access != Access::Session), of(PUBLIC));
}

#[tokio::test]
async fn every_route_counts_every_request_once() {
    let (app, owner) = TestApp::with_settings(&[("ROSTER_DANGEROUS_DISABLE_RATE_LIMITS", "false")]).await;
    let token = owner.create_token(serde_json::json!({})).await;
    let routes = roster_platform::routes();
    let all: Vec<&Route> = routes.iter().collect();
    for (method, path) in all.iter().flat_map(|route| route.paths(&all).into_iter().map(|path| (&route.method, path))) {
        let path = path.replace("{user}", "me").replace("{organization}", "default").replace(['{', '}'], "");
        for actor in [&app.anonymous(), &token] {
            // After two minutes, every path is counted from zero.
            app.clock.advance(chrono::TimeDelta::minutes(2));
            // No route accepts this body.
            let answer = actor.send(method.clone(), &path, &[], "[").await;
            let number = |name: &str| answer.header(name).parse::<u64>().unwrap_or_default();
            let (limit, remaining) = (number("x-ratelimit-limit"), number("x-ratelimit-remaining"));
            assert!(limit > 0, "{method} {path} is not counted: declare the route public, or authenticate the caller");
            assert_eq!(limit - remaining, 1, "{method} {path} is counted more than once");
        }
    }
}
