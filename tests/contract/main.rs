//! Artefacts that must agree: routes, template and manifest; policies and calls; permissions and refusals; budgets and
//! costs; citations and pages.
#![expect(clippy::expect_used, reason = "a test may fail")]

mod audit;
mod budgets;
mod citations;
mod limits;
mod permissions;
mod policies;
mod routes;
mod snapshots;
mod table;
