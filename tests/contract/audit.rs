//! Every route that changes data writes an audit entry (docs/api/audit-log.md#entries-by-request).

use std::collections::BTreeSet;

use roster_tests::tour::Tour;

/// Routes that change nothing that the log tracks, with the reason.
const UNAUDITED: &[(&str, &str)] = &[
    ("POST /api/v2/users/validate-password", "it checks a password and stores nothing"),
    ("PUT /api/v2/users/{user}/appearance", "settings are not tracked"),
    ("PUT /api/v2/users/{user}/preferences", "settings are not tracked"),
];

fn is_change(route: &str) -> bool {
    ["POST ", "PUT ", "PATCH ", "DELETE "].iter().any(|method| route.starts_with(method))
}

#[tokio::test]
async fn every_route_that_changes_data_writes_an_audit_entry() {
    let tour = Tour::take().await;
    let succeeded = || tour.stops.iter().filter(|stop| is_change(&stop.route) && stop.answer.status.is_success());
    let audited: BTreeSet<&str> =
        succeeded().filter(|stop| !stop.audit_entries.is_empty()).map(|stop| stop.route.as_str()).collect();
    let unaudited: BTreeSet<&str> = UNAUDITED.iter().map(|(route, _)| *route).collect();
    let all: BTreeSet<&str> = succeeded().map(|stop| stop.route.as_str()).collect();
    let missing: Vec<&&str> = all.difference(&audited).filter(|route| !unaudited.contains(**route)).collect();
    assert!(missing.is_empty(), "no audit entry of {missing:?}");
    let needless: Vec<&&str> =
        unaudited.iter().filter(|route| audited.contains(**route) || !all.contains(**route)).collect();
    assert!(needless.is_empty(), "these need no exception: {needless:?}");
}

#[tokio::test]
async fn the_status_of_an_audit_entry_is_that_of_the_answer() {
    let tour = Tour::take().await;
    let mut compared = 0;
    for stop in &tour.stops {
        // What the service changes by itself has no answer.
        let of_requests =
            stop.audit_entries.iter().filter(|entry| entry.additional_fields.get("automatic_actor").is_none());
        for entry in of_requests {
            assert_eq!(entry.status, i64::from(stop.answer.status.as_u16()), "{}: {entry:?}", stop.route);
            compared += 1;
        }
    }
    assert!(compared > 30, "few entries were compared: {compared}");
}
