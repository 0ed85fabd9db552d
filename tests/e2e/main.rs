//! Real Lambda binaries: `cargo lambda watch` over the table of `roster --dynamodb-only`, and `cargo lambda invoke` for
//! the functions without routes. Mail goes to a real SMTP server. The tests need cargo-lambda and aiosmtpd, so they run
//! on demand: `cargo test -p roster-tests --test e2e -- --ignored`.
#![expect(clippy::expect_used, reason = "a test may fail")]

mod mail_server;

use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use chrono::TimeDelta;
use http::Method;
use roster::notifications::Mail;
use roster_tests::PostOffice;
use roster_tests::story::{self, Remote};
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use uuid::Uuid;

use mail_server::MailServer;

const ENCRYPTION_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listener.local_addr().expect("a listener has an address").port()
}

/// Repeats a request until the server answers with the status.
async fn wait_for(remote: &Remote, path: &str, status: u16) {
    for _ in 0..600 {
        if let Ok(answer) = remote.call(Method::GET, path, "", None).await
            && answer.status.as_u16() == status
        {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("the server never answered {status} at {path}");
}

fn cargo(arguments: &[&str], environment: &[(&str, String)]) -> Child {
    Command::new(env!("CARGO"))
        .args(arguments)
        .envs(environment.iter().map(|(name, value)| (*name, value.as_str())))
        .current_dir(workspace())
        .kill_on_drop(true)
        .spawn()
        .expect("cargo starts")
}

async fn finish(mut child: Child, what: &str) {
    let status = child.wait().await.expect("the process ends");
    assert!(status.success(), "{what}: {status}");
}

#[tokio::test]
#[ignore = "needs cargo-lambda and aiosmtpd"]
async fn story_dormancy_admin_and_mail_work_with_lambda_binaries() {
    finish(cargo(&["build", "--workspace", "--bins"], &[]), "cargo build").await;
    let (database, port) = (free_port(), free_port());
    let listen = format!("127.0.0.1:{database}");
    let port = port.to_string();
    let url = format!("http://127.0.0.1:{port}");
    let alone = ["run", "--quiet", "--", "--dynamodb-only", "--memory", "--listen", &listen, "--invoke", &url];
    let _database = cargo(&alone, &[]);
    let mail_server = MailServer::start().await;
    let mut environment = vec![
        ("ROSTER_DYNAMODB_ENDPOINT", format!("http://{listen}")),
        ("ROSTER_ENCRYPTION_KEY", ENCRYPTION_KEY.to_owned()),
        // After the sleep below, every active user is due for dormancy.
        ("ROSTER_DORMANCY_THRESHOLD", "1s".to_owned()),
    ];
    environment.extend(mail_server.settings());
    let watch = [
        "lambda",
        "watch",
        "--invoke-address",
        "127.0.0.1",
        "--invoke-port",
        &port,
        "--wait",
        "--ignore-changes",
        "--disable-cors",
        "--timeout",
        "30",
        "--concurrency",
        "4",
    ];
    let _watch = cargo(&watch, &environment);
    let remote = Remote::at(url);
    wait_for(&remote, "/users/first", 404).await;

    story::play(&remote).await;

    tokio::time::sleep(Duration::from_secs(2)).await;
    let first = invoke("dormancy", &port).await;
    assert_eq!((first["due"].as_u64(), first["changed"].as_u64()), (Some(1), Some(1)), "{first}");
    let second = invoke("dormancy", &port).await;
    assert_eq!((second["due"].as_u64(), second["changed"].as_u64()), (Some(0), Some(0)), "{second}");

    let (email, session) = break_glass(&remote, &port).await;

    let settled = invoke("mailer", &port).await;
    assert_eq!(settled["batchItemFailures"].as_array().map(Vec::len), Some(0), "{settled}");
    forgotten_password(&remote, &mail_server, &email, &session).await;
}

#[tokio::test]
#[ignore = "needs aiosmtpd"]
async fn a_mail_is_delivered_with_starttls_and_authentication() {
    let mail_server = MailServer::start().await;
    let office = PostOffice::start(&mail_server.settings()).await;
    let id = office.write(Some(&forgotten()), TimeDelta::minutes(10)).await;
    assert!(office.deliver(&[id]).await.is_empty());
    assert_eq!(office.metric("MailSent"), 1);
    assert!(mail_server.wait_for_mail("ada@example.com").await.contains("Subject: Reset your Roster password"));
    assert_eq!(mail_server.mails().len(), 1);

    let mut settings = mail_server.settings();
    settings.retain(|(name, _)| *name != "ROSTER_EMAIL_AUTH_PASSWORD");
    settings.push(("ROSTER_EMAIL_AUTH_PASSWORD", "wrong".to_owned()));
    let office = PostOffice::start(&settings).await;
    let id = office.write(Some(&forgotten()), TimeDelta::minutes(10)).await;
    assert!(office.deliver(&[id]).await.is_empty());
    assert_eq!((office.metric("MailDead"), mail_server.mails().len()), (1, 1));
}

fn forgotten() -> Mail {
    Mail::OneTimePasscode { to: "ada@example.com".to_owned(), name: "Ada".to_owned(), passcode: Uuid::from_u128(7) }
}

/// Changes a forgotten password by the link of the mail. The old session ends, and the new password signs in.
async fn forgotten_password(remote: &Remote, mail_server: &MailServer, email: &str, session: &str) {
    let call = async |method, path, token, body: Option<Value>, status: u16| {
        let answer = remote.call(method, path, token, body).await.expect("the API answers");
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
    };
    call(Method::GET, "/users/me", session, None, 200).await;
    call(Method::POST, "/users/otp/request", "", Some(json!({ "email": email })), 204).await;
    let mail = mail_server.wait_for_mail(email).await;
    let link = mail.split("/reset-password/change?otp=").nth(1).expect("the mail has the link");
    let (passcode, rest) = link.split_once('&').expect("the link names the address too");
    assert!(rest.starts_with(&format!("email={}", email.replace('@', "%40"))), "{mail}");
    let password = "Br4nd-New_Password-Of-Mine";
    let change = json!({ "email": email, "password": password, "one_time_passcode": passcode });
    call(Method::POST, "/users/otp/change-password", "", Some(change.clone()), 204).await;
    call(Method::GET, "/users/me", session, None, 401).await;
    call(Method::POST, "/users/otp/change-password", "", Some(change), 400).await;
    call(Method::POST, "/users/login", "", Some(json!({ "email": email, "password": password })), 201).await;
}

/// Invokes a function with one of the example events.
async fn try_invoke(function: &str, event: &str, port: &str) -> Output {
    Command::new(env!("CARGO"))
        .args(["lambda", "invoke", function, "--data-file", &format!("infra/events/{event}.json")])
        .args(["--invoke-address", "127.0.0.1", "--invoke-port", port])
        .current_dir(workspace())
        .output()
        .await
        .expect("cargo starts")
}

/// Creates an owner as an operator and signs in; a second creation fails. Returns the email address and the session.
async fn break_glass(remote: &Remote, port: &str) -> (String, String) {
    let made = try_invoke("admin", "create-owner", port).await;
    let report: Value = serde_json::from_slice(&made.stdout).expect("the report is JSON");
    let credentials = json!({ "email": report["email"], "password": report["password"] });
    let signed_in = remote.call(Method::POST, "/users/login", "", Some(credentials)).await.expect("the API answers");
    assert_eq!(signed_in.status, 201, "{}", signed_in.text);
    let again = try_invoke("admin", "create-owner", port).await;
    let output = String::from_utf8_lossy(&again.stderr).into_owned() + &String::from_utf8_lossy(&again.stdout);
    assert!(!again.status.success() && output.contains("the username is taken"), "{output}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&report["email"]), signed_in.text_at("/session_token"))
}

/// Invokes a function with the example event of its name.
async fn invoke(function: &str, port: &str) -> Value {
    let output = try_invoke(function, function, port).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the report is JSON")
}
