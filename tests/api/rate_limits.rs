//! Rate limits (docs/api/authentication.md#rate-limits): headers, requesters, sliding windows, several processes, and
//! costs.

mod bypass;
mod cost;
mod headers;
mod processes;
mod requesters;
mod windows;

use http::StatusCode;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::json;

use crate::UNKNOWN;

/// A deployment with rate limits, with the given limit for the whole API, and its owner.
async fn limited(api_rate_limit: &str) -> (TestApp, Actor) {
    let settings = [("ROSTER_DANGEROUS_DISABLE_RATE_LIMITS", "false"), ("ROSTER_API_RATE_LIMIT", api_rate_limit)];
    let (app, owner) = TestApp::with_settings(&settings).await;
    (app, owner)
}

/// A request of the login group that computes no hash and, without a token, reads no item.
async fn validate(actor: &Actor) -> Answer {
    actor.post("/users/validate-password", json!({ "password": "An0ther-Secure_Passw0rd" })).await
}

/// The number of requests answered before the first refusal, out of at most `attempts`.
async fn answered(actor: &Actor, path: &str, attempts: usize) -> usize {
    for made in 0..attempts {
        let answer = actor.get(path).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return made;
        }
        answer.expect_status(200);
    }
    attempts
}

/// Makes as many requests of the login group as a window allows.
async fn exhaust(actor: &Actor) {
    for _ in 0..60 {
        validate(actor).await.expect_status(200);
    }
    validate(actor).await.expect_status(429);
}
