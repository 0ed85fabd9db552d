//! Conventions of every page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use roster_tests::actor::{FORM, form_body};
use roster_tests::app::PASSWORD;
use roster_tests::{Answer, TestApp};
use sha2::{Digest, Sha256};

const PATHS: [&str; 3] = ["/cli-auth", "/reset-password", "/reset-password/change"];

const OWNER: [(&str, &str); 2] = [("email", "owner@example.com"), ("password", PASSWORD)];

/// A page of each kind: forms, field errors, notices and failures.
async fn pages() -> Vec<(&'static str, Answer)> {
    let (app, _owner) = TestApp::with_owner().await;
    let off = TestApp::with(&[("ROSTER_DISABLE_PASSWORD_AUTH", "true")]).await;
    let anonymous = app.anonymous();
    vec![
        ("request", anonymous.get_page("/reset-password").await.expect_status(200)),
        ("asked", anonymous.post_form("/reset-password", &[("email", "a@example.com")]).await.expect_status(200)),
        ("no address", anonymous.post_form("/reset-password", &[]).await.expect_status(400)),
        ("change", anonymous.get_page("/reset-password/change?otp=1").await.expect_status(200)),
        ("nothing entered", anonymous.post_form("/reset-password/change", &[]).await.expect_status(400)),
        ("no form", anonymous.send(Method::POST, "/reset-password", &[], "{}").await.expect_status(415)),
        ("sign in", anonymous.get_page("/cli-auth").await.expect_status(200)),
        ("no password", anonymous.post_form("/cli-auth", &[]).await.expect_status(400)),
        ("wrong", anonymous.post_form("/cli-auth", &[("email", "a@b.cd"), ("password", "x")]).await.expect_status(401)),
        ("token", anonymous.post_form("/cli-auth", &OWNER).await.expect_status(200)),
        ("off", off.anonymous().get_page("/reset-password").await.expect_status(403)),
    ]
}

#[tokio::test]
async fn pages_load_nothing_run_no_scripts_and_are_not_cached() {
    for (kind, page) in pages().await {
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{kind}");
        assert_eq!(page.header("cache-control"), "no-store", "{kind}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{kind}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{kind}");
        assert!(page.set_cookies("coder_session_token").is_empty(), "{kind}");
        let style = page.text.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next());
        let hash = STANDARD.encode(Sha256::digest(style.expect("a page has a style")));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        assert_eq!(page.header("content-security-policy"), policy, "{kind}");
        for forbidden in ["<script", "style=", "src=", "http-equiv", " on"] {
            let markup: Vec<&str> = page.text.split('<').filter_map(|tag| tag.split('>').next()).collect();
            assert!(!markup.iter().any(|tag| format!("<{tag}").contains(forbidden)), "{kind}: {forbidden}");
        }
    }
}

#[tokio::test]
async fn pages_are_accessible() {
    for (kind, page) in pages().await {
        assert!(page.text.starts_with("<!doctype html>\n<html lang=\"en\">"), "{kind}");
        assert!(page.text.contains("content=\"width=device-width, initial-scale=1\""), "{kind}");
        assert_eq!(page.text.matches("<h1>").count(), 1, "{kind}");
        assert!(page.text.contains("<title>") && page.text.contains("– Roster</title>"), "{kind}");
        for input in page.text.split("<input id=\"").skip(1) {
            let id = input.split('"').next().unwrap_or_default();
            assert!(page.text.contains(&format!("<label for=\"{id}\">")), "{kind}: {id}");
            assert!(input.contains("autocomplete="), "{kind}: {id}");
        }
        for described in page.text.split("aria-describedby=\"").skip(1) {
            for id in described.split('"').next().unwrap_or_default().split(' ') {
                assert!(page.text.contains(&format!("id=\"{id}\"")), "{kind}: {id}");
            }
        }
    }
}

#[tokio::test]
async fn text_of_links_and_forms_is_escaped() {
    let app = TestApp::start().await;
    let hostile = r#""><script>alert(1)</script><b x='"#;
    let encoded = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%3Cb%20x%3D'";
    let form = form_body(&[("email", hostile), ("otp", hostile), ("password", hostile), ("again", "")]);
    for path in PATHS {
        let asked = app.anonymous().get_page(&format!("{path}?email={encoded}&otp={encoded}")).await.expect_status(200);
        let sent = app.anonymous().send(Method::POST, path, &[FORM], form.clone()).await.expect_status(400);
        for page in [asked, sent] {
            for markup in ["<script", "<b ", "\"\"", "x='"] {
                assert!(!page.text.contains(markup), "{}", page.text);
            }
            let shows_it = path != "/cli-auth" || page.status == 400;
            assert_eq!(page.text.contains("&#60;script&#62;"), shows_it, "{}", page.text);
        }
    }
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_are_accepted() {
    let app = TestApp::start().await;
    for path in PATHS {
        app.anonymous().get_page(&format!("{path}?email=%ff%00&otp=%ff")).await.expect_status(200);
        app.anonymous()
            .send(Method::POST, path, &[FORM], &b"email=%ff&otp=\xff&&=&password"[..])
            .await
            .expect_status(400);
    }
}

#[tokio::test]
async fn every_page_reports_disabled_passwords() {
    let app = TestApp::with(&[("ROSTER_DISABLE_PASSWORD_AUTH", "true")]).await;
    for path in PATHS {
        for answer in [app.anonymous().get_page(path).await, app.anonymous().post_form(path, &[]).await] {
            let text = answer.expect_status(403).text;
            assert!(text.contains("Signing in with a password is switched off."), "{text}");
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_a_form_is_refused() {
    let app = TestApp::start().await;
    for path in PATHS {
        for media_type in ["application/json", "text/plain", "multipart/form-data; boundary=x"] {
            let headers = [("content-type", media_type)];
            app.anonymous().send(Method::POST, path, &headers, "email=a").await.expect_status(415);
        }
        let headers = [("content-type", "Application/X-WWW-Form-Urlencoded; charset=UTF-8")];
        app.anonymous().send(Method::POST, path, &headers, "email=a").await.expect_status(400);
        let large = format!("email={}", "a".repeat(1 << 20));
        app.anonymous().send(Method::POST, path, &[FORM], large).await.expect_status(413);
    }
}

#[tokio::test]
async fn pages_answer_get_and_head_only() {
    let app = TestApp::start().await;
    for path in PATHS {
        let head = app.anonymous().send(Method::HEAD, path, &[], "").await.expect_status(200);
        assert_eq!(head.text, "");
        assert_eq!(head.header("content-type"), "text/html; charset=utf-8");
        for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS, Method::TRACE] {
            let answer = app.anonymous().send(method.clone(), path, &[], "").await.expect_status(405);
            let allowed: Vec<_> = answer.headers.get_all("allow").iter().collect();
            assert_eq!(allowed, ["GET", "HEAD", "POST"], "{method}");
        }
    }
}

/// A browser sends its session cookie with a form. Forms have no CSRF token and need none, because pages ignore the
/// session.
#[tokio::test]
async fn pages_ignore_the_session_cookie() {
    let (app, owner) = TestApp::with_owner().await;
    for cookie in [owner.token(), "nonsense"] {
        let headers = [FORM, ("cookie", &*format!("coder_session_token={cookie}"))];
        let body = form_body(&[("email", "owner@example.com")]);
        app.anonymous().send(Method::POST, "/reset-password", &headers, body).await.expect_status(200);
        let body = form_body(&[("email", "owner@example.com"), ("otp", "1"), ("password", "x"), ("again", "x")]);
        app.anonymous().send(Method::POST, "/reset-password/change", &headers, body).await.expect_status(400);
        app.anonymous().send(Method::POST, "/cli-auth", &headers, form_body(&OWNER)).await.expect_status(200);
    }
    owner.get("/users/me").await.expect_status(200);
}

#[tokio::test]
async fn a_rate_limited_form_gets_a_page() {
    let app = TestApp::with(&[("ROSTER_DANGEROUS_DISABLE_RATE_LIMITS", "false")]).await;
    for path in PATHS {
        for _ in 0..60 {
            app.anonymous().post_form(path, &[]).await.expect_status(400);
        }
        let refused = app.anonymous().post_form(path, &[]).await.expect_status(429);
        assert_eq!(refused.header("content-type"), "text/html; charset=utf-8");
        assert!(refused.text.contains("Wait and try again."), "{}", refused.text);
        assert!(!refused.header("retry-after").is_empty());
        app.anonymous().at([192, 0, 2, 8]).post_form(path, &[]).await.expect_status(400);
        app.anonymous().get_page(path).await.expect_status(200);
    }
}
