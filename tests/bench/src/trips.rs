//! Counted costs of requests, which are the same on every machine.

use std::fmt::Write;

use roster_tests::budget;

/// A table with one line for each kind of request.
pub(crate) async fn table() -> String {
    let mut table =
        "| request | trips | budget | calls | read units | write units |\n|---|---|---|---|---|---|\n".to_owned();
    for row in budget::measure().await {
        let cost = row.cost;
        let _infallible = writeln!(
            table,
            "| {} | {} | {} | {} | {:.1} | {:.1} |",
            row.endpoint, cost.trips, row.budget_trips, cost.calls, cost.read_units, cost.write_units
        );
    }
    table
}
