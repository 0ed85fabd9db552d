//! Runs the binary against a fake runtime API, which is also its DynamoDB. Deferred tasks must run between the answer
//! and the request for the next event: earlier they would delay the answer, and later the process is frozen.
#![expect(clippy::expect_used, reason = "a test that cannot begin fails")]

use std::convert::Infallible;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use roster::clock::{Clock, SystemClock};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::sync::Notify;

/// The runtime API and the database of the function. Records the calls in order.
struct FakeRuntime {
    calls: Mutex<Vec<String>>,
    /// Notified when the function requests the second event.
    second_event: Notify,
    database_answers: bool,
    /// The time until the deadline of the event.
    time: Duration,
}

fn event() -> String {
    let event = json!({
        "version": "2.0",
        "routeKey": "POST /api/v2/users/validate-password",
        "rawPath": "/api/v2/users/validate-password",
        "rawQueryString": "",
        "headers": { "content-type": "application/json", "host": "roster.test" },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "roster.test",
            "domainPrefix": "roster",
            "http": {
                "method": "POST",
                "path": "/api/v2/users/validate-password",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.7",
                "userAgent": "test",
            },
            "requestId": "request",
            "routeKey": "POST /api/v2/users/validate-password",
            "stage": "$default",
            "time": "01/Jul/2026:00:00:00 +0000",
            "timeEpoch": 1_782_864_000_000_i64,
        },
        "body": "{\"password\":\"An0ther-Secure_Passw0rd\"}",
        "isBase64Encoded": false,
    });
    event.to_string()
}

impl FakeRuntime {
    /// Records a call and returns how often it was made before.
    fn record(&self, call: &str) -> usize {
        let mut calls = self.calls.lock().expect("no other thread panicked");
        calls.push(call.to_owned());
        calls.iter().filter(|noted| *noted == call).count() - 1
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        match (request.uri().path().rsplit('/').next().unwrap_or_default(), target.rsplit('.').next()) {
            ("next", _) => {
                if self.record("next") > 0 {
                    self.second_event.notify_one();
                    std::future::pending::<()>().await;
                }
                let deadline = SystemClock.now().micros() / 1000 + i64::try_from(self.time.as_millis()).unwrap_or(0);
                Response::builder()
                    .header("lambda-runtime-aws-request-id", "event")
                    .header("lambda-runtime-deadline-ms", deadline)
                    .body(Full::from(event()))
                    .expect("the event is a valid response")
            }
            ("response", _) => {
                self.record("answer");
                let mut accepted = Response::new(Full::default());
                *accepted.status_mut() = StatusCode::ACCEPTED;
                accepted
            }
            (_, Some(operation)) if !operation.is_empty() => {
                let operation = operation.to_owned();
                self.record(&operation);
                if !self.database_answers {
                    std::future::pending::<()>().await;
                }
                let body = match operation.as_str() {
                    "UpdateItem" => json!({ "Attributes": { "requests": { "N": "1" } } }),
                    _ => json!({ "Responses": {}, "UnprocessedKeys": {} }),
                };
                Response::new(Full::from(body.to_string()))
            }
            (other, _) => panic!("unexpected call {other}"),
        }
    }

    /// Runs the binary for one event. Returns the calls until it requests the next event.
    async fn run_one_event(self) -> Vec<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address").to_string();
        let runtime = Arc::new(self);
        let serving = runtime.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let runtime = serving.clone();
                let service = service_fn(move |request| {
                    let runtime = runtime.clone();
                    async move { Ok::<_, Infallible>(runtime.answer(request).await) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        let function = Command::new(env!("CARGO_BIN_EXE_auth"))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", &address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "auth")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
            .env("ROSTER_DYNAMODB_ENDPOINT", format!("http://{address}"))
            .env("ROSTER_ENCRYPTION_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn();
        let _function = function.expect("the binary starts");
        let second_event = tokio::time::timeout(Duration::from_secs(30), runtime.second_event.notified()).await;
        let calls = runtime.calls.lock().expect("no other thread panicked").clone();
        second_event.unwrap_or_else(|_| panic!("the function did not request another event: {calls:?}"));
        calls
    }
}

#[tokio::test]
async fn deferred_tasks_run_after_the_answer_and_before_the_next_event() {
    let runtime = FakeRuntime {
        calls: Mutex::default(),
        second_event: Notify::new(),
        database_answers: true,
        time: Duration::from_secs(20),
    };
    let mut calls = runtime.run_one_event().await;
    // One task writes the count of requests and reads that of the previous window. Both calls run concurrently.
    calls[2..4].sort();
    assert_eq!(calls, ["next", "answer", "BatchGetItem", "UpdateItem", "next"]);
}

#[tokio::test]
async fn deferred_tasks_stop_before_the_deadline() {
    let runtime = FakeRuntime {
        calls: Mutex::default(),
        second_event: Notify::new(),
        database_answers: false,
        time: Duration::from_secs(3),
    };
    let begun = Instant::now();
    let calls = runtime.run_one_event().await;
    assert_eq!((&*calls[0], &*calls[1], calls.last().map(String::as_str)), ("next", "answer", Some("next")));
    // One attempt of a call to the database may take 3 seconds, and all of them 8.
    assert!(begun.elapsed() < Duration::from_millis(2900), "{:?}", begun.elapsed());
}
