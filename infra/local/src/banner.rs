//! The text on the terminal after the start: addresses, directories and the next step.

use std::path::Path;

use crate::directory::key_file;

/// After the whole service has started.
pub fn served(url: &str, directory: Option<&Path>, mail: &str, has_first_user: bool) -> String {
    let data = match directory {
        Some(directory) => format!("Data:   {}", directory.display()),
        None => "Data:   in memory, lost when the process ends".to_owned(),
    };
    let next = if has_first_user {
        format!("Sign in:\n\n  {}\n", post(url, "/users/login", r#"{"email":"…","password":"…"}"#))
    } else {
        let body = r#"{"email":"admin@example.com","username":"admin","password":"choose-Another-1"}"#;
        format!("There is no user yet. Create the first one, an owner:\n\n  {}\n", post(url, "/users/first", body))
    };
    format!("\nRoster: {url}/api/v2\n{data}\nMail:   {mail}\nStop:   Ctrl-C\n\n{next}")
}

/// After the database alone has started.
pub fn database_served(endpoint: &str, table: &str, directory: Option<&Path>) -> String {
    let key = match directory {
        Some(directory) => format!("cat {}", key_file(directory).display()),
        None => "openssl rand -base64 32".to_owned(),
    };
    let variables = format!(
        "  export ROSTER_DYNAMODB_ENDPOINT={endpoint} ROSTER_TABLE={table}\n  export ROSTER_ENCRYPTION_KEY=\"$({key})\"\n"
    );
    let watch = "  cargo lambda watch --wait --ignore-changes --disable-cors --timeout 30\n";
    format!(
        "\nDynamoDB: {endpoint}, table {table}\nStop:     Ctrl-C\n\nThe functions find it with:\n\n{variables}{watch}"
    )
}

fn post(url: &str, path: &str, body: &str) -> String {
    format!("curl -sS {url}/api/v2{path} -H 'Content-Type: application/json' -d '{body}'")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{database_served, served};

    #[test]
    fn without_a_user_it_says_how_to_create_the_first_one() {
        let banner = served("http://127.0.0.1:3000", Some(Path::new(".roster")), ".roster/outbox", false);
        assert!(banner.contains("curl -sS http://127.0.0.1:3000/api/v2/users/first -H"));
        assert!(banner.contains("Data:   .roster\nMail:   .roster/outbox\n"));
        let banner = served("http://127.0.0.1:3000", None, "none", true);
        assert!(!banner.contains("/users/first"));
        assert!(banner.contains("in memory"));
    }

    #[test]
    fn the_database_alone_names_the_variables_of_the_functions() {
        let banner = database_served("http://127.0.0.1:8000", "Roster", Some(Path::new(".roster")));
        assert!(banner.contains("ROSTER_DYNAMODB_ENDPOINT=http://127.0.0.1:8000 ROSTER_TABLE=Roster\n"));
        assert!(banner.contains("$(cat .roster/encryption.key)"));
    }
}
