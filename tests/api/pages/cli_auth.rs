//! `/cli-auth`.

use http::Method;
use roster_tests::actor::{FORM, form_body};
use roster_tests::app::PASSWORD;
use roster_tests::{Answer, TestApp};
use serde_json::Value;

use crate::cases::assert_exchange;

const EMAIL: &str = "ada@example.com";

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.anonymous().post_form("/cli-auth", &[("email", email), ("password", password)]).await
}

/// The token that a page shows; empty for none.
fn token(page: &Answer) -> String {
    let shown = page.text.split("<pre>").nth(1).and_then(|rest| rest.split("</pre>").next());
    shown.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_login_shows_a_valid_token_and_sets_no_cookie() {
    let (app, _owner, _) = TestApp::with_user("ada").await;
    let page = sign_in(&app, " Ada@example.com ", PASSWORD).await.expect_status(200);
    let ada = app.anonymous().with_token(token(&page));
    assert_eq!(ada.get("/users/me").await.expect_status(200).text_at("/username"), "ada");
    assert!(page.set_cookies("coder_session_token").is_empty());
    assert!(!page.text.contains(PASSWORD) && page.text.contains("Another user chose your password."), "{}", page.text);
    let own = sign_in(&app, "owner@example.com", PASSWORD).await.expect_status(200);
    assert!(!own.text.contains("Another user chose"), "{}", own.text);
    let entries = app.audit_entries().await;
    assert_eq!(entries.last().map(|entry| (entry.action.as_str(), entry.status)), Some(("login", 200)));
}

#[tokio::test]
async fn refusals_match_the_api_and_do_not_repeat_the_password() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    owner.put("/users/ada/status/suspend", Value::Null).await.expect_status(200);
    for (email, password, status, words) in [
        ("", PASSWORD, 400, "Enter an e-mail address"),
        (EMAIL, "", 400, "Enter your password."),
        ("unknown@example.com", PASSWORD, 401, "The e-mail address or the password is wrong."),
        ("owner@example.com", "NotThePassword!", 401, "The e-mail address or the password is wrong."),
        (EMAIL, PASSWORD, 401, "This user is suspended."),
    ] {
        let page = sign_in(&app, email, password).await.expect_status(status);
        assert!(page.text.contains(words) && page.text.contains(r#"role="alert""#), "{}", page.text);
        assert!(password.is_empty() || !page.text.contains(password), "{}", page.text);
        assert_eq!(token(&page), "");
    }
}

#[tokio::test]
async fn a_refused_login_is_the_same_for_known_and_unknown_users() {
    let (app, _owner) = TestApp::with_owner().await;
    let mut seen = Vec::new();
    for email in ["owner@example.com", "unknown@example.com"] {
        let page = sign_in(&app, email, "NotThePassword!").await.expect_status(401);
        let cost = page.cost();
        seen.push((page.text.replace(email, "…"), cost));
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn wrong_passwords_lock_the_user() {
    let (app, _owner) = TestApp::with_owner().await;
    for _ in 0..12 {
        sign_in(&app, "owner@example.com", "NotThePassword!").await.expect_status(401);
    }
    sign_in(&app, "owner@example.com", PASSWORD).await.expect_status(401);
}

/// Otherwise a foreign page could show its visitor a token of an attacker's user.
#[tokio::test]
async fn a_cross_site_form_shows_no_token() {
    let (app, _owner) = TestApp::with_owner().await;
    let body = form_body(&[("email", "owner@example.com"), ("password", PASSWORD)]);
    for (site, status) in [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)] {
        let headers = [FORM, ("sec-fetch-site", site)];
        let page = app.anonymous().send(Method::POST, "/cli-auth", &headers, body.clone()).await.expect_status(status);
        assert_eq!(token(&page).is_empty(), status == 403, "{site}");
    }
}

#[tokio::test]
async fn every_answer_is_a_page() {
    let (app, owner, _) = TestApp::with_user("ada").await;
    owner.put("/users/ada/status/suspend", Value::Null).await.expect_status(200);
    let owner = "owner@example.com";
    assert_exchange!("the_form_asks_for_address_and_password", app.anonymous().get_page("/cli-auth").await);
    assert_exchange!("the_right_password_shows_a_token", sign_in(&app, owner, PASSWORD).await);
    assert_exchange!("a_wrong_password_is_refused", sign_in(&app, owner, "wrong").await);
    assert_exchange!("missing_fields_are_named", sign_in(&app, "", "").await);
    assert_exchange!("a_suspended_user_is_refused", sign_in(&app, EMAIL, PASSWORD).await);
    let cross_site = [FORM, ("sec-fetch-site", "cross-site")];
    let refused = app.anonymous().send(Method::POST, "/cli-auth", &cross_site, "").await;
    assert_exchange!("a_form_of_another_site_is_refused", refused);
    let disabled = TestApp::with(&[("ROSTER_DISABLE_PASSWORD_AUTH", "true")]).await;
    assert_exchange!("disabled_passwords_are_reported", disabled.anonymous().get_page("/cli-auth").await);
}
