//! The table of routes for people, `docs/api/routes.md`, and for generators such as that of `OpenAPI`,
//! `docs/api/routes.json`.

use roster::domain::audit::AuditAction;
use roster::http::{Access, LimitGroup, Route};
use roster_local::groups;
use serde_json::{Value, json};

use crate::permissions::allowed;

/// The whole document.
pub(crate) fn document() -> String {
    let mut text = String::from(
        "# Routes\n\n\
         Written by `cargo xtask generate` from the route table. Paths below `/api/v2` unless they are pages. A route of the access \
         `session` needs a valid token; the column `allowed` names the callers whom such a route answers with a success; other routes refuse no caller by role, and [permissions by route](permissions.md) has every status. The limit group \
         `login` has the [stricter rate limit](authentication.md#rate-limits). An audit action says that refused requests are \
         [audited](audit-log.md) too.\n",
    );
    for group in groups() {
        text.extend([format!("\n## Function `{}`\n\n", group.name)]);
        text += "| operation | method | path | summary | access | allowed | limit | audit | success |\n|---|---|---|---|---|---|---|---|---|\n";
        for route in &group.routes {
            text += &row(route);
        }
    }
    text
}

/// Every route as JSON: an array in the order of the functions.
pub(crate) fn catalog() -> String {
    let routes = groups().into_iter().flat_map(|group| group.routes.into_iter().map(move |route| (group.name, route)));
    let routes: Vec<Value> = routes.map(|(function, route)| entry(function, &route)).collect();
    format!("{:#}\n", Value::from(routes))
}

fn entry(function: &str, route: &Route) -> Value {
    // The type without its module: the name of Coder's type.
    let name = |path: Option<&'static str>| path.map(|path| path.replace("roster::api::", ""));
    json!({
        "operation": route.id,
        "function": function,
        "method": route.method.as_str(),
        "path": route.full_path(),
        "summary": route.summary,
        "access": access(route),
        "limit": limit(route),
        "allowed": allowed_callers(route),
        "audit": route.audited.map(AuditAction::as_str),
        "success": route.success.as_u16(),
        "request": name(route.request),
        "response": name(route.response),
    })
}

fn access(route: &Route) -> &'static str {
    match route.access {
        Access::Public => "public",
        Access::Session => "session",
        Access::Page => "page",
    }
}

fn allowed_callers(route: &Route) -> String {
    match route.access {
        Access::Session => allowed(route.method.as_str(), &route.full_path()),
        Access::Public | Access::Page => "everyone".to_owned(),
    }
}

fn limit(route: &Route) -> &'static str {
    match route.limit {
        LimitGroup::Api => "api",
        LimitGroup::Login => "login",
    }
}

fn row(route: &Route) -> String {
    let (access, limit) = (access(route), limit(route));
    let allowed = allowed_callers(route);
    let audited = route.audited.map_or("", |action| action.as_str());
    format!(
        "| `{}` | {} | `{}` | {} | {access} | {allowed} | {limit} | {audited} | {} |\n",
        route.id,
        route.method,
        if route.path.is_empty() { "/" } else { route.path },
        route.summary,
        route.success.as_u16()
    )
}
