//! The very binary under a runtime API of the test's own, which is also its DynamoDB: what a request leaves for later is
//! done between the answer and the next event, the only time in which it neither delays anybody nor meets a freeze.
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

/// What the function's surroundings saw, in order.
struct Surroundings {
    calls: Mutex<Vec<String>>,
    /// Asked for an event once more.
    asked_again: Notify,
    database_answers: bool,
    /// How long the function has for its event.
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

impl Surroundings {
    /// Notes a call and returns how often it was made before.
    fn note(&self, call: &str) -> usize {
        let mut calls = self.calls.lock().expect("nobody panicked");
        calls.push(call.to_owned());
        calls.iter().filter(|noted| *noted == call).count() - 1
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        match (request.uri().path().rsplit('/').next().unwrap_or_default(), target.rsplit('.').next()) {
            ("next", _) => {
                if self.note("next") > 0 {
                    self.asked_again.notify_one();
                    std::future::pending::<()>().await;
                }
                let deadline = SystemClock.now().micros() / 1000 + i64::try_from(self.time.as_millis()).unwrap_or(0);
                Response::builder()
                    .header("lambda-runtime-aws-request-id", "event")
                    .header("lambda-runtime-deadline-ms", deadline)
                    .body(Full::from(event()))
                    .expect("an event")
            }
            ("response", _) => {
                self.note("answer");
                let mut accepted = Response::new(Full::default());
                *accepted.status_mut() = StatusCode::ACCEPTED;
                accepted
            }
            (_, Some(operation)) if !operation.is_empty() => {
                let operation = operation.to_owned();
                self.note(&operation);
                if !self.database_answers {
                    std::future::pending::<()>().await;
                }
                let body = match operation.as_str() {
                    "UpdateItem" => json!({ "Attributes": { "requests": { "N": "1" } } }),
                    _ => json!({ "Responses": {}, "UnprocessedKeys": {} }),
                };
                Response::new(Full::from(body.to_string()))
            }
            (other, _) => panic!("nobody answers {other}"),
        }
    }

    /// Lets the binary answer one event, and returns what happened until it asked for the next.
    async fn of_one_event(self) -> Vec<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address").to_string();
        let surroundings = Arc::new(self);
        let serving = surroundings.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let surroundings = serving.clone();
                let service = service_fn(move |request| {
                    let surroundings = surroundings.clone();
                    async move { Ok::<_, Infallible>(surroundings.answer(request).await) }
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
        let asked_again = tokio::time::timeout(Duration::from_secs(30), surroundings.asked_again.notified()).await;
        let calls = surroundings.calls.lock().expect("nobody panicked").clone();
        asked_again.unwrap_or_else(|_| panic!("the function never asked for another event: {calls:?}"));
        calls
    }
}

#[tokio::test]
async fn what_a_request_leaves_is_done_after_its_answer_and_before_the_next_event() {
    let surroundings = Surroundings {
        calls: Mutex::default(),
        asked_again: Notify::new(),
        database_answers: true,
        time: Duration::from_secs(20),
    };
    let mut calls = surroundings.of_one_event().await;
    // The count is reported, and what the window before came to is asked for, side by side.
    calls[2..4].sort();
    assert_eq!(calls, ["next", "answer", "BatchGetItem", "UpdateItem", "next"]);
}

#[tokio::test]
async fn what_cannot_be_done_in_the_functions_time_is_given_up_before_it_is_over() {
    let surroundings = Surroundings {
        calls: Mutex::default(),
        asked_again: Notify::new(),
        database_answers: false,
        time: Duration::from_secs(3),
    };
    let begun = Instant::now();
    let calls = surroundings.of_one_event().await;
    assert_eq!((&*calls[0], &*calls[1], calls.last().map(String::as_str)), ("next", "answer", Some("next")));
    // One attempt of a call to the database may take 3 seconds, and all of them 8.
    assert!(begun.elapsed() < Duration::from_millis(2900), "{:?}", begun.elapsed());
}
