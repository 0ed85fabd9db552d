//! `GET /insights/user-status-counts`: the history of statuses (docs/api/deployment.md#status-history).

use chrono::TimeDelta;
use roster_tests::cast::{assert_invalid, assert_says_only_a_message};
use roster_tests::{Actor, TestApp};
use serde_json::Value;

use crate::cases::cases;

const PATH: &str = "/insights/user-status-counts";

/// The counts of a status, latest day first; empty when the answer lacks the status.
async fn counts(actor: &Actor, status: &str) -> Vec<u64> {
    let answer = actor.get(PATH).await.expect_status(200).json();
    let series = answer["status_counts"][status].as_array().cloned().unwrap_or_default();
    series.iter().rev().filter_map(|point| point["count"].as_u64()).collect()
}

/// The counts of the latest days, latest first.
async fn last(actor: &Actor, status: &str, days: usize) -> Vec<u64> {
    counts(actor, status).await.into_iter().take(days).collect()
}

#[tokio::test]
async fn each_day_counts_the_undeleted_users_with_the_status_at_its_start() {
    let (app, owner, id) = TestApp::with_user("ada").await;
    app.create_user(&owner, "bob").await;
    // No user has either status when the day begins, and no user ever has one of them.
    assert_eq!(last(&owner, "active", 61).await, [0; 61]);
    assert_eq!(last(&owner, "suspended", 1).await, [0; 0]);
    let next_day = async || {
        app.clock.advance(TimeDelta::days(1));
        app.sign_in("owner").await
    };
    let owner = next_day().await;
    owner.put(&format!("/users/{id}/status/suspend"), Value::Null).await.expect_status(200);
    next_day().await;
    app.sign_in("bob").await;
    let owner = next_day().await;
    assert_eq!(last(&owner, "dormant", 5).await, [0, 1, 2, 0, 0]);
    assert_eq!(last(&owner, "suspended", 5).await, [1, 1, 0, 0, 0]);
    assert_eq!(last(&owner, "active", 5).await, [2, 1, 1, 0, 0]);
    owner.delete(&format!("/users/{id}")).await.expect_status(200);
    // The days before the deletion still count the user.
    assert_eq!(last(&owner, "suspended", 5).await, [1, 1, 0, 0, 0]);
    let owner = next_day().await;
    assert_eq!(last(&owner, "suspended", 5).await, [0, 1, 1, 0, 0]);
    app.clock.advance(TimeDelta::days(61));
    let owner = app.sign_in("owner").await;
    assert_eq!(last(&owner, "suspended", 61).await, [0; 61]);
    assert_eq!(last(&owner, "active", 61).await, [2; 61]);
    app.assert_consistent().await;
}

#[tokio::test]
async fn each_point_is_the_start_of_a_day_in_the_time_zone() {
    let (_app, owner) = TestApp::with_owner().await;
    let dates = async |query: &str| {
        let answer = owner.get(&format!("{PATH}{query}")).await.expect_status(200).json();
        let points = answer["status_counts"]["active"].as_array().expect("a series").clone();
        assert_eq!(points.len(), 61, "{query}");
        let date = points[60]["date"].as_str().expect("a date").to_owned();
        assert!(points[60]["count"].is_u64() && points[60].as_object().is_some_and(|point| point.len() == 2));
        date[10..].to_owned()
    };
    for query in ["", "?tz_offset=0", "?tz_offset=", "?timezone=", "?timezone=UTC&tz_offset=0", "?interval=x"] {
        assert_eq!(dates(query).await, "T00:00:00Z", "{query}");
    }
    assert_eq!(dates("?tz_offset=-3").await, "T00:00:00-03:00");
    assert_eq!(dates("?tz_offset=%2B5").await, "T00:00:00+05:00");
    assert_eq!(dates("?timezone=Asia/Kolkata").await, "T00:00:00+05:30");
    assert_eq!(dates("?timezone=Asia/Kathmandu&tz_offset=0").await, "T00:00:00+05:45");
}

#[tokio::test]
async fn an_invalid_time_zone_is_refused() {
    let (_app, owner) = TestApp::with_owner().await;
    let get = async |query: &str| owner.get(&format!("{PATH}?{query}")).await.expect_status(400);
    assert_says_only_a_message(&get("tz_offset=1&timezone=UTC").await);
    for name in ["Nowhere", "../etc/passwd", "%F0%9F%98%80", "europe/berlin"] {
        let answer = get(&format!("timezone={name}")).await.json();
        assert!(answer["message"].is_string() && answer["detail"].is_string(), "{answer}");
    }
    for offset in ["x", "1.5", "24", "-24", "99999999999999999999"] {
        assert_invalid(&get(&format!("tz_offset={offset}")).await, &["tz_offset"]);
    }
    assert_invalid(&get("tz_offset=1&tz_offset=1").await, &["tz_offset"]);
    assert_invalid(&get("timezone=UTC&timezone=UTC&tz_offset=x").await, &["tz_offset", "timezone"]);
}

cases! {
    an_auditor_reads_the_status_counts: auditor GET "/insights/user-status-counts?timezone=UTC" => 200;
    a_member_may_not_read_the_status_counts: member GET "/insights/user-status-counts" => 403;
    an_unknown_time_zone_is_refused: owner GET "/insights/user-status-counts?timezone=Mars/Olympus" => 400;
    status_counts_without_a_token_are_refused: anonymous GET "/insights/user-status-counts" => 401;
}
