//! Headers of every answer.

use std::collections::BTreeSet;

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::{Answer, TestApp};
use serde_json::json;

/// An answer of each kind: successes, refusals of each layer, and answers without a body.
async fn answers() -> Vec<(&'static str, Answer)> {
    let (app, owner) = TestApp::with_owner().await;
    let anonymous = app.anonymous();
    let cookie = [("cookie", "coder_session_token=x")];
    let preflight = [("origin", "https://example.com"), ("access-control-request-method", "GET")];
    let token = owner.create_token(json!({})).await;
    vec![
        ("200", owner.get("/users/me/login-type").await.expect_status(200)),
        ("201", app.login("owner@example.com", PASSWORD).await.expect_status(201)),
        ("204", owner.delete(&format!("/users/me/keys/{}", token.key_id())).await.expect_status(204)),
        ("400", anonymous.post("/users/login", json!({})).await.expect_status(400)),
        ("csrf", anonymous.send(Method::POST, "/api/v2/users/login", &cookie, "").await.expect_status(400)),
        ("401", anonymous.get("/users/me").await.expect_status(401)),
        ("404", owner.get("/users/unknown").await.expect_status(404)),
        ("no route", anonymous.get("/nowhere").await.expect_status(404)),
        ("405", anonymous.call(Method::PUT, "/users", None).await.expect_status(405)),
        ("preflight", anonymous.send(Method::OPTIONS, "/api/v2/users", &preflight, "").await.expect_status(200)),
        ("outside", anonymous.send(Method::GET, "/", &[], "").await.expect_status(404)),
    ]
}

fn vary(answer: &Answer) -> BTreeSet<String> {
    let lines = answer.headers.get_all("vary").iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect()
}

#[tokio::test]
async fn every_answer_has_the_build_version_and_nosniff() {
    for (kind, answer) in answers().await {
        for unsaid in ["cache-control", "etag", "x-coder-entitlements-warning"] {
            assert!(!answer.headers.contains_key(unsaid), "{kind}: {:?}", answer.headers);
        }
        let version = answer.header("x-coder-build-version");
        let numbers = version.strip_prefix('v').unwrap_or_default().split('.');
        assert!(numbers.filter_map(|number| number.parse::<u32>().ok()).count() == 3, "{kind}: {version:?}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{kind}");
        assert!(vary(&answer).is_superset(&["cookie".to_owned(), "origin".to_owned()].into()), "{kind}");
    }
}

#[tokio::test]
async fn every_request_has_its_own_id() {
    let answers = answers().await;
    let ids: BTreeSet<String> = answers.iter().map(|(_, answer)| answer.header("x-coder-request-id")).collect();
    assert_eq!(ids.len(), answers.len());
    for id in ids {
        assert_eq!(uuid::Uuid::parse_str(&id).map(|uuid| uuid.to_string()), Ok(id));
    }
}

#[tokio::test]
async fn a_request_id_of_the_client_is_ignored() {
    let app = TestApp::start().await;
    let sent = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";
    let answer = app.anonymous().send(Method::GET, "/api/v2/buildinfo", &[("x-coder-request-id", sent)], "").await;
    assert_ne!(answer.header("x-coder-request-id"), sent);
}

#[tokio::test]
async fn bodies_are_json_except_csrf_refusals_and_empty_ones_have_no_type() {
    for (kind, answer) in answers().await {
        let expected = match kind {
            "csrf" => "text/plain; charset=utf-8",
            "204" | "405" | "preflight" => "",
            _ => "application/json; charset=utf-8",
        };
        assert_eq!(answer.header("content-type"), expected, "{kind}");
        assert_eq!(answer.text.is_empty(), expected.is_empty(), "{kind}: {}", answer.text);
    }
}

#[tokio::test]
async fn no_cross_origin_request_is_allowed() {
    let (app, owner) = TestApp::with_owner().await;
    let headers = [("origin", "https://example.com"), ("coder-session-token", owner.token())];
    let mut answers = answers().await;
    answers.push(("origin", app.anonymous().send(Method::GET, "/api/v2/users/me", &headers, "").await));
    for (kind, answer) in answers {
        let allowed: Vec<_> =
            answer.headers.keys().filter(|name| name.as_str().starts_with("access-control")).collect();
        assert!(allowed.is_empty(), "{kind}: {allowed:?}");
    }
}

#[tokio::test]
async fn only_a_401_has_a_challenge() {
    for (kind, answer) in answers().await {
        assert_eq!(answer.header("www-authenticate").is_empty(), kind != "401", "{kind}");
    }
}

#[tokio::test]
async fn headers_of_clients_are_accepted() {
    let (_app, owner) = TestApp::with_owner().await;
    let headers = [
        ("coder-cli-telemetry", "bm9uc2Vuc2U="),
        ("coder-desktop-telemetry", "{"),
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("user-agent", "coder-cli/v2.30.0 (linux/amd64; coder users list)"),
        ("accept", "text/html"),
        ("x-coder-bypass-ratelimit", "true"),
    ];
    owner.send(Method::GET, "/api/v2/users/me", &headers, "").await.expect_status(200);
}
