//! Real Lambda binaries: `cargo lambda watch` over the table of `roster --dynamodb-only`, and `cargo lambda invoke` of
//! the scheduled function. Needs cargo-lambda, so it runs on demand:
//! `cargo test -p roster-tests --test e2e -- --ignored`.
#![expect(clippy::expect_used, reason = "a test may fail")]

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use http::Method;
use roster_tests::story::{self, Remote};
use serde_json::Value;
use tokio::process::{Child, Command};

const ENCRYPTION_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listener.local_addr().expect("a listener has an address").port()
}

/// Calls until the server answers that status at that path.
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
#[ignore = "needs cargo-lambda"]
async fn the_story_and_the_dormancy_job_pass_through_real_lambda_binaries() {
    finish(cargo(&["build", "--workspace", "--bins"], &[]), "cargo build").await;
    let (database, port) = (free_port(), free_port());
    let listen = format!("127.0.0.1:{database}");
    let _database = cargo(&["run", "--quiet", "--", "--dynamodb-only", "--memory", "--listen", &listen], &[]);
    let environment = [
        ("ROSTER_DYNAMODB_ENDPOINT", format!("http://{listen}")),
        ("ROSTER_ENCRYPTION_KEY", ENCRYPTION_KEY.to_owned()),
        // Whoever was not seen for this long is due: after the story, everybody who is active.
        ("ROSTER_DORMANCY_THRESHOLD", "1s".to_owned()),
    ];
    let port = port.to_string();
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
    let remote = Remote::at(format!("http://127.0.0.1:{port}"));
    wait_for(&remote, "/users/first", 404).await;

    story::play(&remote).await;

    tokio::time::sleep(Duration::from_secs(2)).await;
    let first = invoke_dormancy(&port).await;
    assert_eq!((first["due"].as_u64(), first["changed"].as_u64()), (Some(1), Some(1)), "{first}");
    let second = invoke_dormancy(&port).await;
    assert_eq!((second["due"].as_u64(), second["changed"].as_u64()), (Some(0), Some(0)), "{second}");
}

async fn invoke_dormancy(port: &str) -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["lambda", "invoke", "dormancy", "--data-file", "infra/events/dormancy.json"])
        .args(["--invoke-address", "127.0.0.1", "--invoke-port", port])
        .current_dir(workspace())
        .output()
        .await
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the report is JSON")
}
