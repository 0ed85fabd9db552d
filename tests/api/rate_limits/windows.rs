//! Sliding windows: the previous window counts with its share of the last minute.

use chrono::TimeDelta;
use roster_tests::Actor;

use super::{answered, exhaust, limited, validate};

#[tokio::test]
async fn after_half_a_window_half_of_the_requests_count() {
    let (app, _owner) = limited("10").await;
    let anonymous = app.anonymous();
    assert_eq!(answered(&anonymous, "/buildinfo", 20).await, 10);
    app.clock.advance(TimeDelta::seconds(60));
    // At the start of the next window all of them still count.
    assert_eq!(answered(&anonymous, "/buildinfo", 20).await, 0);
    app.clock.advance(TimeDelta::seconds(30));
    assert_eq!(answered(&anonymous, "/buildinfo", 20).await, 5);
    app.clock.advance(TimeDelta::seconds(120));
    assert_eq!(answered(&anonymous, "/buildinfo", 20).await, 10);
}

#[tokio::test]
async fn a_request_succeeds_after_retry_after_and_not_earlier() {
    let (app, _owner) = limited("512").await;
    let anonymous = app.anonymous();
    app.clock.advance(TimeDelta::seconds(20));
    exhaust(&anonymous).await;
    let wait: i64 = validate(&anonymous).await.header("retry-after").parse().expect("seconds");
    app.clock.advance(TimeDelta::seconds(wait - 2));
    validate(&anonymous).await.expect_status(429);
    app.clock.advance(TimeDelta::seconds(2));
    validate(&anonymous).await.expect_status(200);
}

#[tokio::test]
async fn a_new_process_learns_the_previous_window() {
    let (app, _owner) = limited("512").await;
    exhaust(&app.anonymous()).await;
    app.clock.advance(TimeDelta::seconds(60));
    let newcomer = Actor::anonymous(app.another_process().await);
    // The process learns it with its first request.
    validate(&newcomer).await.expect_status(200);
    validate(&newcomer).await.expect_status(429);
}
