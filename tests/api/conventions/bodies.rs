//! Decoding and encoding of bodies.

use http::Method;
use roster_tests::TestApp;
use roster_tests::cast::{assert_says_only_a_message, assert_undecodable, with};
use serde_json::{Value, json};

use super::long::writes;

#[tokio::test]
async fn json_is_compact_with_a_newline_and_escaped_markup() {
    let (_app, owner) = TestApp::with_owner().await;
    let name = "A <b> & \u{2028}\u{2029} é";
    let body = json!({ "username": "owner", "name": name });
    let answer = owner.put("/users/me/profile", body).await.expect_status(200);
    assert!(answer.text.contains(r#""name":"A \u003cb\u003e \u0026 \u2028\u2029 é""#), "{}", answer.text);
    assert!(answer.text.starts_with("{\"") && answer.text.ends_with("}\n"), "{:?}", answer.text);
    assert_eq!(answer.text.matches('\n').count(), 1, "{:?}", answer.text);
    assert_eq!(answer.text_at("/name"), name);
}

#[tokio::test]
async fn refusals_end_with_a_newline() {
    let app = TestApp::start().await;
    for path in ["/nowhere", "/users/me"] {
        let answer = app.anonymous().get(path).await;
        assert!(answer.text.starts_with("{\"message\":\"") && answer.text.ends_with("}\n"), "{:?}", answer.text);
    }
}

#[tokio::test]
async fn a_body_of_one_mebibyte_is_accepted_and_a_longer_one_is_too_large() {
    let (_app, owner) = TestApp::with_owner().await;
    let body = |length: usize| {
        let head = r#"{"password":"x"}"#;
        format!("{head}{}", " ".repeat(length - head.len()))
    };
    let send = async |body: String| owner.send(Method::POST, "/api/v2/users/validate-password", &[], body).await;
    send(body(1 << 20)).await.expect_status(200);
    let refused = send(body((1 << 20) + 1)).await.expect_status(413);
    assert!(refused.text_at("/message").contains("1 MiB"), "{}", refused.text);
    assert_eq!(refused.header("content-type"), "application/json; charset=utf-8");
}

#[tokio::test]
async fn every_route_that_reads_a_body_refuses_a_huge_one() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    let huge = "x".repeat((1 << 20) + 1);
    for (method, path, _) in writes() {
        let refused = owner.send(method, &format!("/api/v2{path}"), &[], huge.clone()).await.expect_status(413);
        assert_says_only_a_message(&refused);
    }
    app.anonymous().send(Method::POST, "/api/v2/users", &[], huge.clone()).await.expect_status(401);
    owner.send(Method::POST, "/api/v2/users/me/keys", &[], huge).await.expect_status(201);
}

#[tokio::test]
async fn a_body_that_cannot_be_decoded_is_refused_as_a_whole_and_not_repeated() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    let before = app.item_keys().await;
    let texts = "|  |{|[]|5|true|leaked|\"leaked\"|[\"leaked\"]|{leaked}|{'a': 'leaked'}|{\"a\": 1,}|{\"a\": \"leaked";
    for (method, path, body) in writes() {
        let wrong = |(name, value): (&String, &Value)| {
            let mut values =
                vec![json!(7.5), if value.is_object() { json!(["leaked"]) } else { json!({ "leaked": 1 }) }];
            values.extend((!value.is_string()).then(|| json!("leaked")));
            values.extend(value.is_array().then(|| json!([["leaked"]])));
            values.into_iter().map(|value| with(&body, &json!({ name: value })).to_string()).collect::<Vec<_>>()
        };
        let members = body.as_object().into_iter().flatten().flat_map(wrong);
        for text in texts.split('|').map(str::to_owned).chain(members) {
            let refused = owner.send(method.clone(), &format!("/api/v2{path}"), &[], text.clone()).await;
            assert_eq!(refused.status, 400, "{path} {text}");
            assert_undecodable(&refused);
            assert!(!refused.text.contains("leaked"), "{path}: {}", refused.text);
        }
    }
    assert_eq!(app.item_keys().await, before);
}

#[tokio::test]
async fn a_route_without_a_body_ignores_one() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    for (method, path) in [
        (Method::PUT, "ada/status/suspend"),
        (Method::PUT, "ada/status/activate"),
        (Method::PUT, "ada/gitsshkey"),
        (Method::POST, "me/keys"),
        (Method::POST, "logout"),
    ] {
        let answer = owner.send(method, &format!("/api/v2/users/{path}"), &[], "{nonsense").await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_are_not_json() {
    let app = TestApp::start().await;
    let body: &[u8] = b"{\"password\":\"\xff\xfe\"}";
    app.anonymous().send(Method::POST, "/api/v2/users/validate-password", &[], body).await.expect_status(400);
}

#[tokio::test]
async fn nested_unknown_members_are_ignored() {
    let app = TestApp::start().await;
    let nested = |depth: usize| format!(r#"{{"password":"x","more":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let send =
        async |depth| app.anonymous().send(Method::POST, "/api/v2/users/validate-password", &[], nested(depth)).await;
    send(64).await.expect_status(200);
    assert_undecodable(&send(10_001).await);
    assert_undecodable(&send(100_000).await);
}

#[tokio::test]
async fn text_that_cannot_be_stored_is_refused() {
    let (_app, owner) = TestApp::with_owner().await;
    let body = json!({ "username": "owner", "name": "a\u{0}b" });
    owner.put("/users/me/profile", body).await.expect_status(400);
    assert_eq!(owner.get("/users/me").await.expect_status(200).text_at_or_missing("/name"), None);
}
