//! Secrets of requests do not leak: no log line of any level, no answer but the one that issues the secret, no audit
//! entry and no stored attribute holds one.

use aws_sdk_dynamodb::types::AttributeValue;
use http::Method;
use roster_local::gateway_routes;
use roster_tests::app::PASSWORD;
use roster_tests::log_capture::LogCapture;
use roster_tests::tour::{Stop, Tour};
use roster_tests::{Answer, TestApp};
use serde_json::{Value, json};

/// The secret; for a token, only the part that is not public.
struct Canary {
    /// The kind of the secret, for the message of a failed test.
    kind: &'static str,
    secret: String,
}

/// Every secret of the tour: passwords, the secrets of tokens, passcodes.
async fn canaries(tour: &Tour) -> Vec<Canary> {
    let passwords = [PASSWORD, "AnotherSecurePassword!", "Br4nd-New_Password"];
    let mut all: Vec<Canary> =
        passwords.into_iter().map(|secret| Canary { kind: "password", secret: secret.to_owned() }).collect();
    let issued = tour.stops.iter().filter_map(|stop| issued_token(&stop.answer));
    all.extend(issued.map(|token| Canary { kind: "token", secret: token[11..].to_owned() }));
    let passcodes = tour.app.mails().await.into_iter().map(|mail| mail.passcode);
    all.extend(passcodes.map(|secret| Canary { kind: "passcode", secret }));
    all
}

/// The token that an answer issues, if any.
fn issued_token(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_str(&answer.text).ok()?;
    let token = body.get("session_token").or_else(|| body.get("key"))?.as_str()?;
    token.contains('-').then(|| token.to_owned())
}

fn text_of(answer: &Answer) -> String {
    let headers = answer.headers.values().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    headers.chain([answer.text.clone()]).collect::<Vec<_>>().join("\n")
}

/// Whether any text or bytes in a value contain the secret.
fn holds(value: &AttributeValue, secret: &str) -> bool {
    match value {
        AttributeValue::S(text) => text.contains(secret),
        AttributeValue::B(bytes) => bytes.as_ref().windows(secret.len()).any(|window| window == secret.as_bytes()),
        AttributeValue::L(list) => list.iter().any(|value| holds(value, secret)),
        AttributeValue::M(map) => map.iter().any(|(name, value)| name.contains(secret) || holds(value, secret)),
        AttributeValue::Ss(texts) => texts.iter().any(|text| text.contains(secret)),
        _ => false,
    }
}

/// The page of a password reset repeats the passcode of its URL in its form.
fn is_page_of_the_passcode(stop: &Stop) -> bool {
    stop.route.ends_with("/reset-password/change")
}

#[tokio::test]
async fn secrets_of_successful_requests_do_not_leak() {
    let logs = LogCapture::default();
    let tour = Tour::take().await;
    let canaries = canaries(&tour).await;
    for kind in ["password", "token", "passcode"] {
        assert!(canaries.iter().any(|canary| canary.kind == kind), "the tour has no {kind}");
    }
    let items = tour.app.items().await;
    let logged = logs.text();
    assert!(logged.lines().count() > 1000, "too few lines are captured");
    for Canary { kind, secret } in &canaries {
        let telling = logged.lines().find(|line| line.contains(secret));
        assert!(telling.is_none(), "a log line tells a {kind}: {telling:?}");
        for stop in &tour.stops {
            let is_its_own = issued_token(&stop.answer).is_some_and(|token| token.ends_with(secret.as_str()))
                || (*kind == "passcode" && is_page_of_the_passcode(stop));
            assert!(is_its_own || !text_of(&stop.answer).contains(secret), "{} reveals a {kind}", stop.route);
        }
        for item in &items {
            let telling = item.iter().find(|(_, value)| holds(value, secret));
            assert!(telling.is_none(), "{:?} / {:?} holds a {kind} in {:?}", item["PK"], item["SK"], telling);
        }
    }
}

#[tokio::test]
async fn secrets_of_refused_requests_do_not_leak() {
    let logs = LogCapture::default();
    let (app, owner) = TestApp::with_owner().await;
    let (password, passcode) = ("C4nary-In_A-C0al-Mine", "c0a1c0a1-c0a1-4c0a-8c0a-c0a1c0a1c0a1");
    let token_secret = "CanaryCanaryCanary0022";
    let token = format!("CanaryKey0-{token_secret}");
    let secrets = [password, passcode, token_secret];
    // Each secret is almost valid for every endpoint.
    let body = json!({
        "email": "owner@example.com", "username": password, "password": [password], "old_password": password,
        "one_time_passcode": passcode, "to_type": password, "token_name": 7, "roles": [password],
    })
    .to_string();
    let anonymous = app.anonymous();
    let with_token = app.anonymous().with_token(token.as_str());
    let routes = gateway_routes().into_iter().map(|route| (route.method, route.path));
    for (method, path) in routes.chain([(Method::GET, "/api/v2/nowhere".to_owned())]) {
        let path = path.replace("{user}", "owner");
        let path = path.replace("{organization}", "default").replace("{organizationname}", "coder");
        let path = path.replace("{keyid}", &token).replace("{keyname}", &token);
        let form = format!("email=owner%40example.com&password={password}&again=x&otp={passcode}");
        let query = format!("?coder_session_token={token}&otp={passcode}&email=x");
        for (actor, uri, body) in [
            (&anonymous, path.clone(), body.clone()),
            (&with_token, path.clone(), body.clone()),
            (&anonymous, format!("{path}{query}"), form.clone()),
        ] {
            let answer = actor.send(method.clone(), &uri, &[("authorization", "Bearer x")], body).await;
            let is_form = path.ends_with("/reset-password/change");
            for secret in secrets {
                let is_its_own = is_form && secret == passcode;
                assert!(is_its_own || !text_of(&answer).contains(secret), "{method} {path} reveals {secret}");
            }
        }
    }
    owner.get("/users/me").await.expect_status(200);
    let logged = logs.text();
    assert!(logged.lines().count() > 1000, "too few lines are captured");
    for secret in secrets {
        let telling = logged.lines().find(|line| line.contains(secret));
        assert!(telling.is_none(), "a log line tells {secret}: {telling:?}");
        for item in app.items().await {
            assert!(!item.values().any(|value| holds(value, secret)), "{:?} holds {secret}", item["PK"]);
        }
    }
}
