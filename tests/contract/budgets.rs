//! What requests cost, against the design's budget.

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
        // A request that reads nothing is measured wrongly: every row is of one that does.
        assert!(row.cost.calls >= row.cost.trips && row.cost.trips > 0, "{row:?}");
    }
}

#[tokio::test]
async fn costs_are_what_the_documentation_says_of_the_requests_that_matter_most() {
    let costs = costs(&budget::measure().await);
    let trips = |endpoint: &str| costs[endpoint].trips;
    assert_eq!(trips("GET /users/me"), 1);
    assert!(costs["GET /users/me"].read_units <= 3.0 && costs["GET /users/me"].read_units > 0.0);
    assert_eq!(trips("GET /users/{uuid}"), 1);
    assert_eq!(trips("POST /users"), 2);
    assert_eq!(trips("POST /users/login, active account"), 2);
    assert_eq!(trips("dormancy run, nobody is due"), 1);
}

#[tokio::test]
async fn a_failed_login_costs_the_same_whatever_was_wrong() {
    let costs = costs(&budget::measure().await);
    let failures: Vec<Cost> = [
        "POST /users/login, unknown address",
        "POST /users/login, wrong password",
        "POST /users/login, account without a password",
        "POST /users/login, suspended account",
    ]
    .map(|endpoint| costs[endpoint])
    .to_vec();
    assert_eq!(failures[0].trips, 1);
    assert!(failures.iter().all(|cost| *cost == failures[0]), "{failures:?}");
}
