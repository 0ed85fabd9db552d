//! Costs of requests, compared with the budgets of the design.

use std::collections::BTreeMap;

use roster_tests::Cost;
use roster_tests::budget::{self, Row};

fn costs(rows: &[Row]) -> BTreeMap<&'static str, Cost> {
    rows.iter().map(|row| (row.endpoint, row.cost)).collect()
}

#[tokio::test]
async fn no_request_exceeds_its_budget() {
    for row in budget::measure().await {
        assert!(row.cost.trips <= row.budget_trips, "{row:?}");
        assert!(row.budget_read_units.is_none_or(|budget| row.cost.read_units <= budget), "{row:?}");
        assert_eq!(row.retries, 0, "{row:?}");
        // Every measured request reads the database, so a cost of zero is an error of the measurement.
        assert!(row.cost.calls >= row.cost.trips && row.cost.trips > 0, "{row:?}");
    }
}

#[tokio::test]
async fn costs_of_important_requests_match_the_documentation() {
    let costs = costs(&budget::measure().await);
    let trips = |endpoint: &str| costs[endpoint].trips;
    assert_eq!(trips("GET /users/me"), 1);
    assert!(costs["GET /users/me"].read_units <= 3.0 && costs["GET /users/me"].read_units > 0.0);
    assert_eq!(trips("GET /users/{uuid}"), 1);
    assert_eq!(trips("POST /users"), 2);
    assert_eq!(trips("POST /users/login, active user"), 2);
    assert_eq!(trips("dormancy run, no user is due"), 1);
}

#[tokio::test]
async fn every_failed_login_has_the_same_cost() {
    let costs = costs(&budget::measure().await);
    let failures: Vec<Cost> = [
        "POST /users/login, unknown address",
        "POST /users/login, wrong password",
        "POST /users/login, user without a password",
        "POST /users/login, suspended user",
    ]
    .map(|endpoint| costs[endpoint])
    .to_vec();
    assert_eq!(failures[0].trips, 1);
    assert!(failures.iter().all(|cost| *cost == failures[0]), "{failures:?}");
}
