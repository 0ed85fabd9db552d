//! `/reset-password/change`.

use chrono::TimeDelta;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};

use crate::cases::assert_exchange;

const NEW: &str = "Br4nd-New_Password";
const EMAIL: &str = "ada@example.com";

/// A deployment with `ada`, who is signed in, and a mailed passcode of `ada`.
async fn with_passcode() -> (TestApp, Actor, String) {
    let (app, _owner, ada) = TestApp::with_actor("ada", &[]).await;
    app.anonymous().post_form("/reset-password", &[("email", EMAIL)]).await.expect_status(200);
    let passcode = app.passcode(EMAIL).await;
    (app, ada, passcode)
}

async fn change(app: &TestApp, email: &str, otp: &str, password: &str, again: &str) -> Answer {
    let fields = [("email", email), ("otp", otp), ("password", password), ("again", again)];
    app.anonymous().post_form("/reset-password/change", &fields).await
}

/// The field errors of a page.
fn problems(answer: &Answer) -> Vec<&str> {
    let parts = answer.text.split(r##"<li><a href="#"##).skip(1);
    let mut fields: Vec<&str> = parts.filter_map(|part| part.split('"').next()).collect();
    if answer.text.contains("<li>The ") {
        fields.push("");
    }
    fields
}

#[tokio::test]
async fn the_link_of_the_mail_changes_the_password_and_ends_every_session() {
    let (app, ada, passcode) = with_passcode().await;
    let link = format!("/reset-password/change?otp={passcode}&email=ada%40example.com");
    let form = app.anonymous().get_page(&link).await.expect_status(200);
    assert!(form.text.contains(&format!(r#"<input type="hidden" name="otp" value="{passcode}">"#)), "{}", form.text);
    assert!(form.text.contains(r#"value="ada@example.com""#), "{}", form.text);
    assert_eq!(form.text.matches(r#"type="password" autocomplete="new-password""#).count(), 2, "{}", form.text);

    let changed = change(&app, EMAIL, &passcode, NEW, NEW).await.expect_status(200);
    assert!(changed.text.contains("You can now sign in"), "{}", changed.text);
    assert!(changed.text.contains("coder login http://roster.test"), "{}", changed.text);
    ada.get("/users/me").await.expect_status(401);
    app.login(EMAIL, PASSWORD).await.expect_status(401);
    app.login(EMAIL, NEW).await.expect_status(201);
    let again = change(&app, EMAIL, &passcode, "Y3t-another_Password", "Y3t-another_Password").await;
    assert_eq!(problems(&again.expect_status(400)), [""]);
}

#[tokio::test]
async fn without_a_passcode_in_the_link_the_form_asks_for_it() {
    let app = TestApp::start().await;
    let form = app.anonymous().get_page("/reset-password/change").await.expect_status(200);
    let field = r#"<input id="otp" name="otp" type="text" autocomplete="one-time-code""#;
    assert!(form.text.contains(field), "{}", form.text);
    assert!(!form.text.contains(r#"type="hidden""#), "{}", form.text);
}

#[tokio::test]
async fn field_errors_keep_the_passcode_valid() {
    let (app, _ada, passcode) = with_passcode().await;
    for (email, otp, password, again, expected) in [
        ("", "", "", "", &["email", "otp", "password"][..]),
        ("ada", &*passcode, NEW, NEW, &["email"]),
        (EMAIL, " ", NEW, NEW, &["otp"]),
        (EMAIL, &passcode, "", NEW, &["password"]),
        (EMAIL, &passcode, NEW, "", &["again"]),
        (EMAIL, &passcode, NEW, "br4nd-new_password", &["again"]),
        (EMAIL, &passcode, "hunter2", "hunter2", &["password"]),
        (EMAIL, &passcode, PASSWORD, PASSWORD, &["password"]),
        (EMAIL, "00000000-0000-4000-8000-000000000000", NEW, NEW, &[""]),
        ("unknown@example.com", &passcode, NEW, NEW, &[""]),
    ] {
        let answer = change(&app, email, otp, password, again).await.expect_status(400);
        assert_eq!(problems(&answer), expected, "{email} {password} {again}");
        assert!(answer.text.contains(r#"role="alert""#), "{}", answer.text);
    }
    change(&app, "Ada@Example.com", &format!(" {passcode} "), NEW, NEW).await.expect_status(200);
}

#[tokio::test]
async fn an_expired_passcode_is_refused() {
    let (app, _ada, passcode) = with_passcode().await;
    app.clock.advance(TimeDelta::minutes(10) + TimeDelta::microseconds(1));
    let late = change(&app, EMAIL, &passcode, NEW, NEW).await.expect_status(400);
    assert_eq!(problems(&late), [""]);
    assert!(late.text.contains(r#"<a href="/reset-password">"#), "{}", late.text);
}

#[tokio::test]
async fn a_wrong_passcode_has_the_same_answer_for_every_email_address() {
    let (app, _ada, _passcode) = with_passcode().await;
    let wrong = "00000000-0000-4000-8000-000000000000";
    let mut seen = Vec::new();
    for email in ["adb@example.com", EMAIL] {
        let answer = change(&app, email, wrong, NEW, NEW).await.expect_status(400);
        seen.push((answer.text.replace(email, "…"), answer.cost().trips));
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn secrets_of_a_form_are_not_repeated() {
    let (app, _ada, passcode) = with_passcode().await;
    for (email, otp, password, again) in [
        ("ada", &*passcode, NEW, NEW),
        (EMAIL, "", NEW, NEW),
        (EMAIL, &passcode, NEW, "An0ther_Secret"),
        (EMAIL, &passcode, "hunter2", "hunter2"),
        (EMAIL, &passcode, PASSWORD, PASSWORD),
        (EMAIL, "wrong-code", NEW, NEW),
    ] {
        let answer = change(&app, email, otp, password, again).await.expect_status(400);
        for secret in [password, again, "wrong-code"] {
            assert!(!answer.text.contains(secret), "{secret}: {}", answer.text);
        }
        // Only the form field repeats the passcode.
        let hidden = format!(r#"<input type="hidden" name="otp" value="{passcode}">"#);
        assert!(!answer.text.replace(&hidden, "").contains(&passcode), "{}", answer.text);
    }
    let changed = change(&app, EMAIL, &passcode, NEW, NEW).await.expect_status(200);
    assert!(!changed.text.contains(&passcode) && !changed.text.contains(NEW), "{}", changed.text);
}

#[tokio::test]
async fn a_hundred_concurrent_forms_change_the_password_once() {
    let (app, _ada, passcode) = with_passcode().await;
    let sent = (0..100).map(|number| {
        let (app, passcode) = (&app, &passcode);
        let password = format!("Br4nd-New_Password-{number}");
        async move { change(app, EMAIL, passcode, &password, &password).await.status.as_u16() }
    });
    let statuses = futures_util::future::join_all(sent).await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 400].contains(status)), "{statuses:?}");
}

#[tokio::test]
async fn every_answer_is_a_page() {
    let (app, _ada, passcode) = with_passcode().await;
    let form = app.anonymous().get_page("/reset-password/change").await;
    assert_exchange!("the_form_asks_for_everything", form);
    let link = format!("/reset-password/change?otp={passcode}&email=ada%40example.com");
    assert_exchange!("the_link_fills_in_address_and_passcode", app.anonymous().get_page(&link).await);
    assert_exchange!("missing_fields_are_named", change(&app, "", "", "", "").await);
    assert_exchange!("a_weak_password_is_refused", change(&app, EMAIL, &passcode, "password", "password").await);
    assert_exchange!("two_different_passwords_are_refused", change(&app, EMAIL, &passcode, NEW, "other").await);
    assert_exchange!("a_wrong_passcode_is_refused", change(&app, EMAIL, "x", NEW, NEW).await);
    assert_exchange!("the_passcode_changes_the_password", change(&app, EMAIL, &passcode, NEW, NEW).await);
    let disabled = TestApp::with(&[("ROSTER_DISABLE_PASSWORD_AUTH", "true")]).await;
    assert_exchange!("disabled_passwords_are_reported", disabled.anonymous().get_page("/reset-password/change").await);
}
