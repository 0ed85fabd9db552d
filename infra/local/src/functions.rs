//! The functions that this program holds, by the names of their binaries.

use roster::app::App;
use roster::domain::time::Timestamp;
use roster::http::Route;
use roster_mailer::Mailer;
use serde_json::Value;

/// The routes of a function behind the API; `None` when there is no such function.
pub(crate) fn routes(function: &str) -> Option<Vec<Route>> {
    Some(match function {
        "users" => roster_users::routes(),
        "auth" => roster_auth::routes(),
        "sso" => roster_sso::routes(),
        "keys" => roster_keys::routes(),
        "settings" => roster_settings::routes(),
        "organizations" => roster_organizations::routes(),
        "platform" => roster_platform::routes(),
        _ => return None,
    })
}

/// Runs a scheduled function; `None` when there is no such function.
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

/// Runs a function that hears of the table's stream; `None` when there is no such function.
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use crate::template::Template;

    #[test]
    fn every_function_with_routes_in_the_template_is_here() {
        for function in Template::bundled().unwrap().functions {
            assert_eq!(super::routes(&function.name).is_some(), !function.routes.is_empty(), "{}", function.name);
        }
    }
}
