//! `GET /deployment/config`.

use std::collections::BTreeMap;

use roster_tests::cast::{assert_forbidden, assert_signed_out};
use roster_tests::{Answer, Cast, TestApp};
use serde_json::json;

use crate::cases::cases;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The listed settings by environment variable.
fn options(answer: &Answer) -> BTreeMap<String, String> {
    let list = answer.json()["options"].as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    list.iter().map(|option| (text(&option["env"]), text(&option["value"]))).collect()
}

#[tokio::test]
async fn only_owners_and_auditors_read_the_configuration() {
    let cast = Cast::assemble().await;
    let read = cast.owner.get("/deployment/config").await.expect_status(200);
    assert_eq!(cast.auditor.get("/deployment/config").await.expect_status(200).text, read.text);
    for actor in [&cast.user_admin, &cast.template_admin, &cast.member] {
        assert_forbidden(&actor.get("/deployment/config").await);
    }
    assert_signed_out(&cast.app.anonymous().get("/deployment/config").await);
}

#[tokio::test]
async fn a_narrow_token_of_an_owner_does_not_read_the_configuration() {
    let (_app, owner) = TestApp::with_owner().await;
    let narrow = owner.create_token(json!({ "scopes": ["user:read"] })).await;
    assert_forbidden(&narrow.get("/deployment/config").await);
}

#[tokio::test]
async fn settings_appear_in_the_tree_and_in_the_list() {
    let settings = [
        ("ROSTER_ACCESS_URL", "https://roster.example"),
        ("ROSTER_SESSION_DURATION", "2h"),
        ("ROSTER_MAX_ADMIN_TOKEN_LIFETIME", "876600h"),
        ("ROSTER_SSH_KEYGEN_ALGORITHM", "ecdsa"),
        ("ROSTER_TERMS_OF_SERVICE_URL", "https://example.com/terms"),
    ];
    let (_app, owner) = TestApp::with_settings(&settings).await;
    let answer = owner.get("/deployment/config").await.expect_status(200);
    let expected = json!({
        "access_url": "https://roster.example",
        "disable_password_auth": false,
        "session_lifetime": {
            "disable_expiry_refresh": false,
            "default_duration": 7_200_000_000_000_u64,
            "default_token_lifetime": 604_800_000_000_000_u64,
            "max_token_lifetime": 3_155_760_000_000_000_000_u64,
            "max_admin_token_lifetime": 3_155_760_000_000_000_000_u64,
        },
        "ssh_keygen_algorithm": "ecdsa",
        "terms_of_service_url": "https://example.com/terms",
    });
    assert_eq!(answer.json()["config"], expected);
    let options = options(&answer);
    for (variable, value) in [
        ("ROSTER_ACCESS_URL", "https://roster.example"),
        ("ROSTER_SESSION_DURATION", "7200s"),
        ("ROSTER_SECURE_AUTH_COOKIE", "true"),
        ("ROSTER_SAMESITE_AUTH_COOKIE", "lax"),
        ("ROSTER_ARGON2_MEMORY_KIB", "8"),
    ] {
        assert_eq!(options[variable], value, "{variable}");
    }
}

#[tokio::test]
async fn the_encryption_key_is_listed_without_its_value() {
    let (_app, owner) = TestApp::with_owner().await;
    let answer = owner.get("/deployment/config").await.expect_status(200);
    assert_eq!(options(&answer)["ROSTER_ENCRYPTION_KEY"], "");
    assert!(!answer.text.contains(KEY), "{}", answer.text);
}

cases! {
    an_owner_reads_the_configuration: owner GET "/deployment/config" => 200;
    a_user_admin_may_not_read_the_configuration: user_admin GET "/deployment/config" => 403;
    the_configuration_without_a_token_is_refused: anonymous GET "/deployment/config" => 401;
}
