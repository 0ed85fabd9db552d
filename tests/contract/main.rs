//! What must agree: routes, template and manifest; policies and calls; permissions and refusals; budgets and costs.
#![expect(clippy::expect_used, reason = "a test may fail")]

mod budgets;
mod limits;
mod permissions;
mod policies;
mod routes;
mod table;
