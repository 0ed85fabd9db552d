//! Limits across processes: a process learns the counts of others with its next report. Each process exceeds a limit by
//! at most one report: one request in the login group, a sixteenth of the limit elsewhere.

use http::StatusCode;
use roster_tests::{Actor, TestApp};

use super::{answered, exhaust, limited, validate};

async fn processes(app: &TestApp, count: usize) -> Vec<Actor> {
    let mut actors = Vec::new();
    for _ in 0..count {
        actors.push(Actor::anonymous(app.another_process().await));
    }
    actors
}

#[tokio::test]
async fn a_count_outlives_its_process() {
    let (app, _owner) = limited("512").await;
    exhaust(&app.anonymous()).await;
    let successor = &processes(&app, 1).await[0];
    validate(successor).await.expect_status(200);
    let refused = validate(successor).await.expect_status(429);
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
}

#[tokio::test]
async fn three_processes_exceed_the_limit_of_the_login_group_by_one_request_each() {
    let (app, _owner) = limited("512").await;
    let actors = processes(&app, 3).await;
    let mut answered = 0;
    for round in 0..90 {
        answered += usize::from(validate(&actors[round % 3]).await.status == StatusCode::OK);
    }
    assert!((60..=62).contains(&answered), "{answered}");
}

#[tokio::test]
async fn three_processes_exceed_the_limit_of_the_api_by_a_sixteenth_each() {
    let (app, _owner) = limited("64").await;
    let actors = processes(&app, 3).await;
    let mut made = 0;
    for round in 0..150 {
        let answer = actors[round % 3].get("/buildinfo").await;
        made += usize::from(answer.status == StatusCode::OK);
    }
    assert!((64..=64 + 3 * 4).contains(&made), "{made}");
    // A later process learns the count with its first report.
    let latecomer = &processes(&app, 1).await[0];
    assert_eq!(answered(latecomer, "/buildinfo", 20).await, 4);
}

#[tokio::test]
async fn simultaneous_requests_of_one_process_never_exceed_the_limit() {
    let (app, _owner) = limited("512").await;
    let anonymous = app.anonymous();
    let answers = futures_util::future::join_all((0..100).map(|_| validate(&anonymous))).await;
    let answered = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(answered, 60);
}
