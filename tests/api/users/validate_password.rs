//! `POST /users/validate-password`, with the vectors of the policy.

use http::Method;
use roster_tests::TestApp;
use serde_json::json;

use crate::cases::cases;

const STRONG: [&str; 12] = [
    "SomeSecurePassword!",
    "MySecurePassword!",
    "PasswordSecured123!",
    "testtesttest",
    "aabbccddeeff",
    "p4ssw0rd!A",
    "correct horse",
    "Tr0ub4dor&3",
    "correcthors!",
    "pässwörd-été",
    "1-`1-`1-`1-`1",
    "An0ther-Secure_Passw0rd",
];

const WEAK: [&str; 15] = [
    "pass",
    "password",
    "newpassword",
    "testtesttes",
    "hunter2",
    "abc123ABC!",
    "qwertyuiopasdf",
    "abcdefghijklmnopqrstuvwxyz",
    "12345678901234567890",
    "ABCDEFGH12345678",
    "zyxwvut98765!Q",
    "1-`1-`1-`1-`",
    "notstrong",
    "aB3!aB3!",
    "abcdefghijkl",
];

#[tokio::test]
async fn a_strong_password_is_valid_without_details() {
    let app = TestApp::start().await;
    for password in STRONG {
        let answer = app.anonymous().post("/users/validate-password", json!({ "password": password })).await;
        assert_eq!(answer.expect_status(200).json(), json!({ "valid": true, "details": "" }), "{password}");
    }
}

#[tokio::test]
async fn a_weak_password_is_invalid_with_advice() {
    let app = TestApp::start().await;
    for password in WEAK {
        let answer = app.anonymous().post("/users/validate-password", json!({ "password": password })).await;
        let answer = answer.expect_status(200);
        assert_eq!(answer.json()["valid"], json!(false), "{password}");
        assert!(!answer.text_at("/details").is_empty(), "{password}");
        assert!(!answer.text.contains(&format!("\"{password}\"")), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_password_has_at_most_64_bytes() {
    let app = TestApp::start().await;
    let strong = "Xk2!".repeat(16);
    let ask = async |password: String| {
        let answer = app.anonymous().post("/users/validate-password", json!({ "password": password })).await;
        answer.expect_status(200)
    };
    assert_eq!(ask(strong.clone()).await.json()["valid"], json!(true));
    for long in [strong.clone() + "x", "a".repeat(65)] {
        let answer = ask(long).await;
        assert_eq!(answer.json()["valid"], json!(false));
        assert!(answer.text_at("/details").contains("64"), "{}", answer.text);
    }
    // 33 characters, 66 bytes.
    assert_eq!(ask("ä".repeat(33)).await.json()["valid"], json!(false));
}

#[tokio::test]
async fn a_password_is_required() {
    let app = TestApp::start().await;
    for body in [json!({}), json!(null), json!({ "password": "" }), json!({ "password": null })] {
        let refused = app.anonymous().post("/users/validate-password", body.clone()).await.expect_status(400);
        assert_eq!(refused.invalid_fields(), ["password"], "{body}");
    }
}

#[tokio::test]
async fn the_body_is_decoded_as_leniently_as_elsewhere() {
    let app = TestApp::start().await;
    let ask = async |body: &'static str| {
        let headers = [("accept", "text/html"), ("content-type", "text/plain")];
        app.anonymous().send(Method::POST, "/api/v2/users/validate-password", &headers, body).await
    };
    for body in [
        r#"{"PASSWORD":"password"}"#,
        r#"{"password":"SomeSecurePassword!","passWord":"password"}"#,
        r#"{"password":"password","password":null}"#,
        r#"{"password":"password","more":{"of":[1]}} trailing"#,
    ] {
        assert_eq!(ask(body).await.expect_status(200).json()["valid"], json!(false), "{body}");
    }
}

cases! {
    a_strong_password_is_valid:
        anonymous POST "/users/validate-password" { "password": "SomeSecurePassword!" } => 200;
    a_weak_password_is_not_valid: anonymous POST "/users/validate-password" { "password": "password" } => 200;
    a_short_password_is_not_valid: anonymous POST "/users/validate-password" { "password": "x" } => 200;
    a_password_that_is_a_number_is_refused: anonymous POST "/users/validate-password" { "password": 5 } => 400;
    a_missing_password_is_refused: anonymous POST "/users/validate-password" {} => 400;
}
