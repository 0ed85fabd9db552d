//! The time and the memory of a function from its start to its first authenticated answer.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use roster_tests::TestApp;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::runtime_api::RuntimeApi;

/// Functions, each with a request that it answers to a signed-in user.
const REQUESTS: &[(&str, &str)] = &[
    ("users", "/api/v2/users/me"),
    ("keys", "/api/v2/users/me/keys/tokens"),
    ("settings", "/api/v2/users/me/gitsshkey"),
    ("organizations", "/api/v2/users/me/organizations"),
    ("platform", "/api/v2//users/me"),
];

struct Start {
    took: Duration,
    peak_kib: u64,
}

/// A table of medians with one line for each function.
pub(crate) async fn table(runs: usize) -> Result<String, Box<dyn Error>> {
    build().await?;
    let (app, owner) = TestApp::with_owner().await;
    let member = app.user_with_roles(&owner, "ada", &[]).await;
    // The functions use the system clock, so the token must outlast every clock error.
    let token = json!({ "lifetime": 876_600_i64 * 3600 * 1_000_000_000 });
    let token = member.post("/users/me/keys/tokens", token).await.expect_status(201).text_at("/key");
    let roots = one_root();
    let mut table =
        "| function | request | start to answer, median | with one CA root | peak memory |\n|---|---|---|---|---|\n"
            .to_owned();
    for (function, path) in REQUESTS {
        let api = RuntimeApi::start(event(path, &token).to_string()).await?;
        let mut all = measure(runs, function, &api, app.endpoint(), None).await?;
        let few = match &roots {
            Some(_) => {
                let mut few = measure(runs, function, &api, app.endpoint(), roots.as_ref()).await?;
                format!("{:.1} ms", milliseconds(median(&mut few, |start| start.took)))
            }
            None => "–".to_owned(),
        };
        let took = milliseconds(median(&mut all, |start| start.took));
        let peak = median(&mut all, |start| start.peak_kib);
        writeln!(
            table,
            "| {function} | GET {path} | {took:.1} ms | {few} | {}.{} MiB |",
            peak / 1024,
            peak % 1024 * 10 / 1024
        )?;
    }
    Ok(table)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn median<T: Ord + Copy>(starts: &mut [Start], of: impl Fn(&Start) -> T) -> T {
    starts.sort_by_key(&of);
    of(&starts[starts.len() / 2])
}

fn workspace() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    tests.and_then(Path::parent).map(Path::to_owned).unwrap_or_default()
}

async fn build() -> Result<(), Box<dyn Error>> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["build", "--quiet", "--release", "--bins", "--workspace", "--exclude", "bench"]);
    let status = command.current_dir(workspace()).status().await?;
    if status.success() { Ok(()) } else { Err("the release binaries cannot be built".into()) }
}

/// A certificate file with a single root. Most of a start goes into reading the hundreds of roots of the system.
fn one_root() -> Option<PathBuf> {
    let bundle = std::fs::read_to_string("/etc/ssl/certs/ca-certificates.crt").ok()?;
    let end = "-----END CERTIFICATE-----";
    let (first, _) = bundle.split_once(end)?;
    let path = std::env::temp_dir().join("roster-one-root.pem");
    std::fs::write(&path, format!("{first}{end}\n")).ok()?;
    Some(path)
}

async fn measure(
    runs: usize,
    function: &str,
    api: &RuntimeApi,
    database: &str,
    roots: Option<&PathBuf>,
) -> Result<Vec<Start>, Box<dyn Error>> {
    // The first use of a key is recorded; the measurement is of a later one.
    start(function, api, database, roots).await?;
    let mut starts = Vec::new();
    for _ in 0..runs.max(1) {
        starts.push(start(function, api, database, roots).await?);
    }
    Ok(starts)
}

async fn start(
    function: &str,
    api: &RuntimeApi,
    database: &str,
    roots: Option<&PathBuf>,
) -> Result<Start, Box<dyn Error>> {
    let answer = api.next_answer();
    let mut command = Command::new(workspace().join("target/release").join(function));
    command
        .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", function)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("ROSTER_DYNAMODB_ENDPOINT", database)
        .env("ROSTER_ENCRYPTION_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
        .stdout(Stdio::null())
        .kill_on_drop(true);
    if let Some(roots) = roots {
        command.env("SSL_CERT_FILE", roots);
    }
    let begun = Instant::now();
    let process = command.spawn()?;
    let body = tokio::time::timeout(Duration::from_secs(10), answer).await??;
    let took = begun.elapsed();
    let answer: Value = serde_json::from_slice(&body)?;
    if answer["statusCode"] != 200 {
        return Err(format!("{function} answered {answer}").into());
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id().unwrap_or_default()))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak_kib = peak.and_then(|peak| peak.split_whitespace().next()?.parse().ok()).unwrap_or_default();
    Ok(Start { took, peak_kib })
}

/// The event that API Gateway makes of a GET.
fn event(path: &str, token: &str) -> Value {
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": { "coder-session-token": token, "host": "roster.test" },
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "bench",
            "domainName": "roster.test",
            "http": { "method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7", "userAgent": "bench" },
            "requestId": "bench",
            "routeKey": "$default",
            "stage": "$default",
            "timeEpoch": 0,
        },
        "isBase64Encoded": false,
    })
}
