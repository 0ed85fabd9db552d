//! Costs of counting: none before the answer, one write after it, and none for a refused request.

use http::Method;
use roster::service::rate_limits::Requester;
use roster::storage::dynamodb::cost::RequestCost;
use roster_tests::{Fault, TestApp};
use serde_json::json;

use super::{UNKNOWN, exhaust, limited, validate};

/// The number of calls since the last script of faults.
fn calls(app: &TestApp) -> Vec<String> {
    app.faults.history().into_iter().map(|(operation, _)| operation).collect()
}

#[tokio::test]
async fn a_counted_request_takes_one_write_after_the_answer() {
    let (app, _owner) = limited("512").await;
    app.faults.script([]);
    let answer = validate(&app.anonymous()).await.expect_status(200);
    assert_eq!((answer.cost().trips, answer.cost().calls), (0, 0));
    // The first report of a window also reads the previous window.
    let mut first = calls(&app);
    first.sort();
    assert_eq!(first, ["BatchGetItem", "UpdateItem"]);
    app.faults.script([]);
    validate(&app.anonymous()).await.expect_status(200);
    assert_eq!(calls(&app), ["UpdateItem"]);
}

#[tokio::test]
async fn outside_the_login_group_reports_hold_a_sixteenth_of_the_limit() {
    let (app, _owner) = limited("512").await;
    let log = RequestCost::default();
    let requests = async {
        for _ in 0..63 {
            app.anonymous().get("/buildinfo").await.expect_status(200);
        }
    };
    log.scope(requests).await;
    assert_eq!((log.read().calls, log.read().write_units), (2, 1.0));
    log.scope(app.anonymous().get("/buildinfo")).await.expect_status(200);
    assert_eq!((log.read().calls, log.read().write_units), (3, 2.0));
}

#[tokio::test]
async fn a_refused_request_makes_no_calls_and_computes_no_hash() {
    let (app, _owner) = limited("512").await;
    for _ in 0..60 {
        app.login("owner@example.com", "NotThePassword!").await;
    }
    app.faults.script([]);
    let hashes = app.app.hash_computations();
    for _ in 0..10 {
        app.login("owner@example.com", "NotThePassword!").await.expect_status(429);
    }
    assert_eq!(app.app.hash_computations(), hashes);
    assert_eq!(calls(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_refused_user_takes_one_read_and_is_not_activated() {
    let (app, owner) = limited("2").await;
    app.create_user(&owner, "ada").await;
    let ada = owner.create_token_for("ada", json!({})).await;
    for _ in 0..2 {
        ada.get("/buildinfo").await.expect_status(200);
    }
    app.faults.script([]);
    ada.get("/buildinfo").await.expect_status(429);
    assert_eq!(calls(&app), ["BatchGetItem"]);
    let sleeper = |path: &'static str| ada.call(Method::PUT, path, None);
    for _ in 0..2 {
        // The user is suspended, so that these two requests activate no user.
        owner.call(Method::PUT, "/users/ada/status/suspend", None).await;
        sleeper("/users/me/gitsshkey").await.expect_status(401);
    }
    app.faults.script([]);
    sleeper("/users/me/gitsshkey").await.expect_status(429);
    assert_eq!(calls(&app), ["BatchGetItem"]);
}

#[tokio::test]
async fn a_token_on_a_public_route_takes_one_read_if_it_is_well_formed() {
    let (app, owner) = limited("512").await;
    assert_eq!(owner.get("/buildinfo").await.expect_status(200).cost().calls, 1);
    assert_eq!(app.anonymous().with_token(UNKNOWN).get("/buildinfo").await.expect_status(200).cost().calls, 1);
    assert_eq!(app.anonymous().with_token("nonsense").get("/buildinfo").await.expect_status(200).cost().calls, 0);
}

#[tokio::test]
async fn a_failed_report_does_not_change_the_answer_and_is_sent_later() {
    let (app, _owner) = limited("512").await;
    app.faults.script([Fault::Throttle; 40]);
    validate(&app.anonymous()).await.expect_status(200);
    app.faults.script([]);
    validate(&app.anonymous()).await.expect_status(200);
    let counted = app
        .items()
        .await
        .into_iter()
        .filter(|item| item["PK"].as_s().is_ok_and(|partition| partition.starts_with("RATE#")));
    let counts: Vec<String> = counted.map(|item| item["requests"].as_n().expect("a number").clone()).collect();
    // The failed report of the first login is sent with that of the second.
    assert!(counts.contains(&"2".to_owned()), "{counts:?}");
}

#[tokio::test]
async fn counters_expire_and_do_not_store_ip_addresses() {
    let (app, _owner) = limited("512").await;
    validate(&app.anonymous()).await.expect_status(200);
    for item in app.items().await {
        if item["PK"].as_s().is_ok_and(|partition| partition.starts_with("RATE#")) {
            assert_eq!(item["ttl"].as_n().map(String::as_str), Ok("1782864120"));
            assert!(!format!("{item:?}").contains("192.0.2"), "{item:?}");
        }
    }
}

#[tokio::test]
async fn a_flood_of_requesters_displaces_no_other_counters() {
    let (app, _owner) = limited("512").await;
    exhaust(&app.anonymous()).await;
    for index in 0..20_000 {
        let flood = Requester::Address(format!("flood-{index}"));
        let _counted = app.app.rate_limiter.count(&flood, "/api/v2/users/login", false);
        assert!(app.app.rate_limiter.counted_keys() <= 8192);
    }
    validate(&app.anonymous()).await.expect_status(429);
}
