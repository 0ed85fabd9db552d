//! `docs/api/routes.md`: the table of routes.

use roster::http::{Access, LimitGroup, Route};
use roster_local::groups;

/// The whole document.
pub(crate) fn document() -> String {
    let mut text = String::from(
        "# Routes\n\n\
         Written by `cargo xtask generate` from the route table. Paths below `/api/v2` unless they are pages. A route of the access \
         `session` needs a valid token; the [permissions by route](permissions.md) say what the caller may do. The limit group \
         `login` has the [stricter rate limit](authentication.md#rate-limits). An audit action says that refused requests are \
         [audited](audit-log.md) too.\n",
    );
    for group in groups() {
        text.extend([format!("\n## Function `{}`\n\n", group.name)]);
        text += "| operation | method | path | summary | access | limit | audit | success |\n|---|---|---|---|---|---|---|---|\n";
        for route in &group.routes {
            text += &row(route);
        }
    }
    text
}

fn row(route: &Route) -> String {
    let access = match route.access {
        Access::Public => "public",
        Access::Session => "session",
        Access::Page => "page",
    };
    let limit = match route.limit {
        LimitGroup::Api => "api",
        LimitGroup::Login => "login",
    };
    let audited = route.audited.map_or("", |action| action.as_str());
    format!(
        "| `{}` | {} | `{}` | {} | {access} | {limit} | {audited} | {} |\n",
        route.id,
        route.method,
        if route.path.is_empty() { "/" } else { route.path },
        route.summary,
        route.success.as_u16()
    )
}
