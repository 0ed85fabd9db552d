//! The same queries of a plain table of PostgreSQL, for comparison: one statement for each page, with a count of all
//! matching users in each row. The server is found as `psql` finds it, by `PGHOST` and similar variables, and the table
//! is dropped in the end.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use roster::clock::Random;
use roster::domain::user::User;
use uuid::Uuid;

use super::list::{QUESTIONS, name, progress, spread, user};

const TABLE: &str = "
DROP TABLE IF EXISTS users;
CREATE UNLOGGED TABLE users (
    id uuid PRIMARY KEY, email text NOT NULL, username text NOT NULL, name text NOT NULL, avatar_url text NOT NULL,
    created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, last_seen_at timestamptz NOT NULL,
    status text NOT NULL, login_type text NOT NULL, roles text[] NOT NULL, is_service_account boolean NOT NULL,
    deleted boolean NOT NULL
);
";
/// The indexes, created after the users.
const INDEXES: &str = "
CREATE UNIQUE INDEX ON users (lower(username)) WHERE NOT deleted;
CREATE UNIQUE INDEX ON users (lower(email)) WHERE NOT deleted AND email <> '';
VACUUM ANALYZE users;
";

/// One table for each number of users.
pub(crate) fn tables(sizes: &[usize], runs: usize) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    for &size in sizes {
        let cursor = seed(size)?;
        writeln!(text, "\n### {size} users\n\n| query | count | median | p95 |\n|---|---|---|---|")?;
        for question in QUESTIONS {
            let fill = |sql: &str| sql.replace("{cursor}", &cursor).replace("{half}", &(size / 2).to_string());
            let matching = format!("FROM users WHERE NOT deleted {}", fill(question.condition));
            let page =
                format!("SELECT *, count(*) OVER () {matching} ORDER BY lower(username) {};", fill(question.window));
            let count = run(&format!("SELECT count(*) {matching};"))?;
            // The first run is not counted.
            let script = format!("\\o /dev/null\n{page}\n\\timing on\n{}", format!("{page}\n").repeat(runs.max(1)));
            let (median, high) = spread(times(&run(&script)?)?);
            writeln!(text, "| {} | {} | {median:.1} ms | {high:.1} ms |", question.name, count.trim())?;
        }
        run("DROP TABLE users;")?;
    }
    Ok(text)
}

/// The times that `psql` prints for each statement: `Time: 1.234 ms`.
fn times(output: &str) -> Result<Vec<Duration>, Box<dyn Error>> {
    let milliseconds = output.lines().filter_map(|line| line.strip_prefix("Time: ")?.split(' ').next());
    let times: Result<Vec<Duration>, Box<dyn Error>> =
        milliseconds.map(|time| Ok(Duration::from_secs_f64(time.parse::<f64>()? / 1000.0))).collect();
    let times = times?;
    if times.is_empty() { Err("psql prints no times".into()) } else { Ok(times) }
}

/// Creates the users of the other benchmark; returns the id of the middle one.
fn seed(size: usize) -> Result<String, Box<dyn Error>> {
    run(TABLE)?;
    let random = Random::from_seed(7);
    let mut cursor = String::new();
    let mut child = psql().args(["-c", "COPY users FROM STDIN"]).stdin(Stdio::piped()).spawn()?;
    let mut rows = child.stdin.take().map(std::io::BufWriter::new).ok_or("psql takes no input")?;
    for number in 0..size {
        let user = user(number, Uuid::nil(), &random);
        if user.username == name(size / 2) {
            cursor = user.id.to_string();
        }
        writeln!(rows, "{}", row(&user))?;
        if (number + 1) % 10_000 == 0 || number + 1 == size {
            progress(number + 1, size);
        }
    }
    drop(rows);
    if !child.wait()?.success() {
        return Err("the users could not be copied".into());
    }
    run(INDEXES)?;
    Ok(cursor)
}

/// A line of `COPY`. None of the texts needs escaping.
fn row(user: &User) -> String {
    let User { id, email, username, name, avatar_url, created_at, updated_at, last_seen_at, .. } = user;
    let (status, login_type, roles) = (user.status.as_str(), user.login_type.as_str(), user.roles.join(","));
    let is_service_account = user.is_service_account;
    [
        format!("{id}\t{email}\t{username}\t{name}\t{avatar_url}\t{created_at}\t{updated_at}\t{last_seen_at}"),
        format!("\t{status}\t{login_type}\t{{{roles}}}\t{is_service_account}\tfalse"),
    ]
    .concat()
}

fn psql() -> Command {
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
    command
}

/// Runs a script and returns its output.
fn run(script: &str) -> Result<String, Box<dyn Error>> {
    let mut child = psql().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().ok_or("psql takes no input")?.write_all(script.as_bytes())?;
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err("psql could not run a statement: see above".into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
