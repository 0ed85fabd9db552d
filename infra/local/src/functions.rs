//! The functions of the deployment, by the names of their binaries: what calls each one, and what its policy allows on
//! the table. `infra/template.yaml` is generated from this table, and local mode runs the functions that it lists.

use std::time::Duration;

use roster::app::App;
use roster::http::Route;
use roster::storage::dynamodb::table::{ACTIVE_BY_LAST_SEEN, TOKENS};
use serde_json::Value;

/// A function behind the API.
pub struct Group {
    /// The name of its binary.
    pub name: &'static str,
    /// The routes that the gateway sends to it.
    pub routes: Vec<Route>,
    /// What its policy allows.
    pub permissions: Permissions,
}

/// A function without routes.
pub struct Job {
    /// The name of its binary.
    pub name: &'static str,
    /// What calls it.
    pub trigger: Trigger,
    /// What its policy allows.
    pub permissions: Permissions,
}

/// What calls a function without routes.
pub enum Trigger {
    /// An operator.
    Operator,
    /// A schedule with this time between two runs.
    Schedule(Duration),
    /// New items of the outbox, in batches.
    Outbox,
}

/// What the policy of a function allows on the table. A contract test compares it with the calls that the function makes.
#[derive(Clone, Copy, Debug)]
pub struct Permissions {
    /// Actions on the table itself, such as `Query`.
    pub actions: &'static [&'static str],
    /// Indexes that the function may query.
    pub indexes: &'static [&'static str],
}

const READ_AND_WRITE: &[&str] = &["BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"];
const READ_AND_WRITE_UNCHECKED: &[&str] = &["BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"];
const QUERY_READ_AND_WRITE: &[&str] =
    &["BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"];

/// The function that takes every request without a route of its own: `$default` in the gateway.
pub const DEFAULT: &str = "platform";

/// The function that delivers the outbox.
pub(crate) const MAILER: &str = "mailer";

/// The most records of the outbox in one call of the mailer.
pub const OUTBOX_BATCH_SIZE: usize = 10;

/// Every function behind the API.
pub fn groups() -> Vec<Group> {
    let group = |name, routes, actions, indexes| Group { name, routes, permissions: Permissions { actions, indexes } };
    vec![
        group("users", roster_users::routes(), QUERY_READ_AND_WRITE, &[]),
        group("auth", roster_auth::routes(), QUERY_READ_AND_WRITE, &[]),
        group("sso", roster_sso::routes(), READ_AND_WRITE_UNCHECKED, &[]),
        group("keys", roster_keys::routes(), QUERY_READ_AND_WRITE, &[TOKENS]),
        group("settings", roster_settings::routes(), READ_AND_WRITE, &[]),
        group("organizations", roster_organizations::routes(), READ_AND_WRITE, &[]),
        // It answers for every other function, so it may do what they may do.
        group(DEFAULT, roster_platform::own_routes(), QUERY_READ_AND_WRITE, &[TOKENS]),
    ]
}

/// Every function without routes.
pub const JOBS: &[Job] = &[
    Job {
        name: "dormancy",
        trigger: Trigger::Schedule(Duration::from_hours(1)),
        permissions: Permissions { actions: READ_AND_WRITE_UNCHECKED, indexes: &[ACTIVE_BY_LAST_SEEN] },
    },
    Job {
        name: "admin",
        trigger: Trigger::Operator,
        permissions: Permissions { actions: READ_AND_WRITE, indexes: &[] },
    },
    Job {
        name: MAILER,
        trigger: Trigger::Outbox,
        permissions: Permissions { actions: &["BatchGetItem", "UpdateItem", "DeleteItem"], indexes: &[] },
    },
];

/// What the router of a function serves; `None` if there is no such function behind the API.
pub(crate) fn routes(function: &str) -> Option<Vec<Route>> {
    if function == DEFAULT {
        return Some(roster_platform::routes());
    }
    groups().into_iter().find(|group| group.name == function).map(|group| group.routes)
}

/// Runs a scheduled function; `None` if there is no such function.
pub(crate) async fn run_scheduled(
    function: &str,
    app: &App,
    event: Value,
) -> Option<Result<Value, lambda_http::Error>> {
    match function {
        "dormancy" => Some(roster_dormancy::run(app, event).await),
        _ => None,
    }
}
