//! Who may call a route, read from `docs/api/permissions.md`, which a contract test proves.

const DOCUMENT: &str = include_str!("../../docs/api/permissions.md");

/// The callers whom a route answers with a success, as words for a table; empty for a route that the document lacks.
pub(crate) fn allowed(method: &str, path: &str) -> String {
    let route = format!("{method} {path}");
    let mut rows = DOCUMENT.lines().filter(|line| line.starts_with('|')).map(cells);
    let roles = rows.next().map(|head| head[3..].to_vec()).unwrap_or_default();
    let rows: Vec<Vec<&str>> = rows.filter(|row| row[0] == route).collect();
    let successes = |targets: &[&str]| -> Vec<&str> {
        let rows: Vec<&Vec<&str>> = rows.iter().filter(|row| targets.contains(&row[1])).collect();
        let is_allowed = |column: usize| rows.iter().any(|row| row[3 + column].starts_with('2'));
        roles.iter().enumerate().filter(|(column, _)| is_allowed(*column)).map(|(_, role)| *role).collect()
    };
    let others = match successes(&["", "another user", "reserved name"]) {
        all if all.len() == roles.len() => "everyone".to_owned(),
        all if all.len() + 1 == roles.len() && !all.contains(&"no token") => "every user".to_owned(),
        some => some.join(", "),
    };
    let is_for_oneself = successes(&["the caller"]).contains(&"member");
    match (others.as_str(), is_for_oneself) {
        ("everyone" | "every user", _) | (_, false) => others,
        ("", true) => "the user".to_owned(),
        (_, true) => format!("the user, {others}"),
    }
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`')).collect()
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn a_route_allows_the_roles_that_the_document_answers_with_a_success() {
        assert_eq!(allowed("POST", "/api/v2/users/login"), "everyone");
        assert_eq!(allowed("GET", "/api/v2/users"), "every user");
        assert_eq!(allowed("POST", "/api/v2/users"), "owner, user-admin");
        assert_eq!(allowed("GET", "/api/v2/users/{user}/login-type"), "the user");
        // With the old password.
        assert_eq!(allowed("PUT", "/api/v2/users/{user}/password"), "the user, owner, user-admin");
        assert_eq!(allowed("PUT", "/api/v2/users/{user}/appearance"), "the user, owner, user-admin");
        assert_eq!(allowed("GET", "/nowhere"), "");
    }
}
