//! Methods that a path does not support.

use std::collections::BTreeSet;

use http::Method;
use roster_tests::{Answer, TestApp};

use crate::cases::cases;

/// The methods in the lines of `Allow`.
fn allow(answer: &Answer) -> BTreeSet<String> {
    let lines = answer.headers.get_all("allow").iter().filter_map(|value| value.to_str().ok());
    lines.map(str::to_owned).collect()
}

fn methods(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[tokio::test]
async fn a_wrong_method_gets_an_empty_answer_with_the_allowed_methods() {
    let (_app, owner) = TestApp::with_owner().await;
    for (method, path, allowed) in [
        (Method::PATCH, "/users", vec!["GET", "POST"]),
        (Method::DELETE, "/users/", vec!["GET", "POST"]),
        (Method::POST, "/users/me", vec!["DELETE", "GET"]),
        (Method::DELETE, "/users/me/roles", vec!["GET", "PUT"]),
        (Method::PUT, "/users/first", vec!["DELETE", "GET", "POST"]),
        (Method::PUT, "/users/login", vec!["DELETE", "GET", "POST"]),
        (Method::DELETE, "/users/roles", vec!["GET"]),
        (Method::GET, "/users/me/keys", vec!["POST"]),
        (Method::DELETE, "/users/me/gitsshkey", vec!["GET", "PUT"]),
        (Method::GET, "/users/me/status/suspend", vec!["PUT"]),
        (Method::DELETE, "/users/me/appearance", vec!["GET", "PUT"]),
        (Method::POST, "/users/me/password", vec!["PUT"]),
        (Method::POST, "/buildinfo", vec!["GET"]),
        (Method::POST, "", vec!["GET"]),
        (Method::DELETE, "/", vec!["GET"]),
        (Method::POST, "/users/oidc-claims", vec!["DELETE", "GET"]),
        (Method::GET, "/users/me/convert-login", vec!["POST"]),
        (Method::PUT, "/organizations/default", vec!["GET"]),
        (Method::DELETE, "/auth/scopes", vec!["GET"]),
    ] {
        let answer = owner.call(method.clone(), path, None).await.expect_status(405);
        assert_eq!((answer.text.as_str(), allow(&answer)), ("", methods(&allowed)), "{method} {path}");
    }
}

#[tokio::test]
async fn below_a_user_authentication_precedes_the_method() {
    let app = TestApp::start().await;
    let anonymous = app.anonymous();
    anonymous.call(Method::PUT, "/users", None).await.expect_status(405);
    anonymous.call(Method::POST, "/buildinfo", None).await.expect_status(405);
    for path in ["/users/me", "/users/me/roles", "/users/me/keys/tokens/tokenconfig"] {
        let refused = anonymous.call(Method::PATCH, path, None).await.expect_status(401);
        assert!(!refused.text_at("/detail").is_empty(), "{path}: {}", refused.text);
    }
}

#[tokio::test]
async fn no_path_supports_head() {
    let (_app, owner) = TestApp::with_owner().await;
    for path in ["/users", "/users/me", "/buildinfo", "/users/first"] {
        let answer = owner.call(Method::HEAD, path, None).await.expect_status(405);
        assert!(answer.text.is_empty() && !allow(&answer).contains("HEAD"), "{path}: {:?}", answer.headers);
        assert!(allow(&answer).contains("GET"), "{path}: {:?}", answer.headers);
    }
    owner.call(Method::HEAD, "/nowhere", None).await.expect_status(404);
}

#[tokio::test]
async fn options_without_a_preflight_is_a_wrong_method() {
    let (_app, owner) = TestApp::with_owner().await;
    let answer = owner.call(Method::OPTIONS, "/users", None).await.expect_status(405);
    assert_eq!(allow(&answer), methods(&["GET", "POST"]));
    let origin = [("origin", "https://example.com")];
    owner.send(Method::OPTIONS, "/api/v2/users", &origin, "").await.expect_status(405);
}

#[tokio::test]
async fn a_preflight_is_answered_on_every_path_and_permits_nothing() {
    let app = TestApp::start().await;
    let headers = [("origin", "https://example.com"), ("access-control-request-method", "DELETE")];
    for path in ["/api/v2/users", "/api/v2/users/me", "/api/v2/nowhere"] {
        let answer = app.anonymous().send(Method::OPTIONS, path, &headers, "").await.expect_status(200);
        assert!(answer.text.is_empty() && allow(&answer).is_empty(), "{path}: {:?}", answer.headers);
        let vary: Vec<&str> = answer.headers.get_all("vary").iter().filter_map(|value| value.to_str().ok()).collect();
        let vary = vary.join(",").to_ascii_lowercase();
        assert!(
            ["origin", "access-control-request-method", "access-control-request-headers"]
                .iter()
                .all(|name| vary.contains(name)),
            "{vary}"
        );
    }
}

#[tokio::test]
async fn wrong_methods_below_oauth2_need_no_token_and_below_otp_need_one() {
    let (app, owner) = TestApp::with_owner().await;
    for path in ["/users/oauth2/github/callback", "/users/oauth2/github/device"] {
        for actor in [&owner, &app.anonymous()] {
            let answer = actor.call(Method::POST, path, None).await.expect_status(405);
            assert_eq!((answer.text.as_str(), allow(&answer)), ("", methods(&["GET"])), "{path}");
        }
    }
    let unknown = owner.get("/nowhere").await.expect_status(404).text;
    for path in ["/users/otp/request", "/users/otp/change-password"] {
        for method in [Method::GET, Method::DELETE] {
            let answer = owner.call(method.clone(), path, None).await.expect_status(404);
            assert_eq!((&answer.text, allow(&answer).len()), (&unknown, 0), "{method} {path}");
            app.anonymous().call(method, path, None).await.expect_status(401);
        }
    }
}

#[tokio::test]
async fn an_unknown_method_gets_no_allow_header() {
    let app = TestApp::start().await;
    let method = Method::from_bytes(b"BREW").expect("a method may have any name");
    for path in ["/users", "/users/me", "/users/me/profile", "/nowhere"] {
        let answer = app.anonymous().call(method.clone(), path, None).await.expect_status(405);
        assert!(answer.text.is_empty() && allow(&answer).is_empty(), "{:?}", answer.headers);
    }
}

cases! {
    an_unknown_method_is_not_allowed: anonymous PUT "/users" => 405;
}
