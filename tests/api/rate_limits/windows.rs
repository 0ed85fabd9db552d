//! Windows slide: the one before counts for the share of it that is less than a minute old.

use chrono::TimeDelta;
use roster_tests::Actor;

use super::{answered, exhaust, limited, validate};

#[tokio::test]
async fn half_a_window_later_half_of_the_requests_are_forgotten() {
    let (app, _owner) = limited("10").await;
    let anonymous = app.anonymous();
    assert_eq!(answered(&anonymous, "/buildinfo", 20).await, 10);
    app.clock.advance(TimeDelta::seconds(60));
    // A moment into the next window all of them still count.
    assert_eq!(answered(&anonymous, "/buildinfo", 20).await, 0);
    app.clock.advance(TimeDelta::seconds(30));
    assert_eq!(answered(&anonymous, "/buildinfo", 20).await, 5);
    app.clock.advance(TimeDelta::seconds(120));
    assert_eq!(answered(&anonymous, "/buildinfo", 20).await, 10);
}

#[tokio::test]
async fn who_waits_as_told_is_answered_and_who_comes_earlier_is_not() {
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
async fn the_window_before_is_known_to_a_process_that_was_not_there() {
    let (app, _owner) = limited("512").await;
    exhaust(&app.anonymous()).await;
    app.clock.advance(TimeDelta::seconds(60));
    let newcomer = Actor::anonymous(app.another_process().await);
    // The first request tells it.
    validate(&newcomer).await.expect_status(200);
    validate(&newcomer).await.expect_status(429);
}
