//! The functions of the deployment, by the names of their binaries: what each one serves, and how local mode runs it.

use roster::app::App;
use roster::domain::time::Timestamp;
use roster::http::Route;
use roster_mailer::Mailer;
use serde_json::Value;

/// A function behind the API: its routes, and what its policy allows on the table.
pub struct Group {
    /// The name of its binary.
    pub name: &'static str,
    /// The routes that the gateway sends to it.
    pub routes: Vec<Route>,
    /// The actions that its policy allows on the table, such as `Query`.
    pub actions: &'static [&'static str],
    /// The indexes that it may query.
    pub indexes: &'static [&'static str],
}

const READ_AND_WRITE: &[&str] = &["BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"];
const QUERY_READ_AND_WRITE: &[&str] =
    &["BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"];

/// The function that takes every request without a route of its own: `$default` in the gateway.
pub const DEFAULT: &str = "platform";

/// Every function behind the API. A contract test compares the permissions with the calls that the routes make.
#[must_use]
pub fn groups() -> Vec<Group> {
    let group = |name, routes, actions, indexes| Group { name, routes, actions, indexes };
    vec![
        group("users", roster_users::routes(), QUERY_READ_AND_WRITE, &[]),
        group("auth", roster_auth::routes(), QUERY_READ_AND_WRITE, &[]),
        group("sso", roster_sso::routes(), &["BatchGetItem", "PutItem", "UpdateItem", "DeleteItem"], &[]),
        group("keys", roster_keys::routes(), QUERY_READ_AND_WRITE, &["Tokens"]),
        group("settings", roster_settings::routes(), READ_AND_WRITE, &[]),
        group("organizations", roster_organizations::routes(), READ_AND_WRITE, &[]),
        // It answers for every other function, so it may do what they may do.
        group(DEFAULT, roster_platform::own_routes(), QUERY_READ_AND_WRITE, &["Tokens"]),
    ]
}

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

/// Runs a function that the table's stream calls; `None` if there is no such function.
pub(crate) async fn run_on_stream(
    function: &str,
    mailer: &Mailer,
    event: Value,
    deadline: Timestamp,
) -> Option<Result<Value, lambda_http::Error>> {
    match function {
        "mailer" => Some(roster_mailer::run(mailer, event, deadline).await),
        _ => None,
    }
}
