//! Twenty queries of the list of users, with growing numbers of users.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use roster::clock::Random;
use roster::domain::organization::Membership;
use roster::domain::time::Timestamp;
use roster::domain::user::{LoginType, User, UserStatus};
use roster::storage::dynamodb::cost::RequestCost;
use roster_tests::{Actor, Answer, Cost, TestApp};
use uuid::Uuid;

/// One query, for this service and for a table of PostgreSQL.
pub(crate) struct Question {
    pub(crate) name: &'static str,
    /// The text after `/users`.
    query: &'static str,
    /// Whether a process answers it without the user index, for any number of users.
    is_flat: bool,
    /// The condition after `WHERE NOT deleted`.
    pub(crate) condition: &'static str,
    /// The `LIMIT` and `OFFSET` clauses.
    pub(crate) window: &'static str,
}

pub(crate) const QUESTIONS: &[Question] = &[
    Question { name: "plain page", query: "?limit=25", is_flat: true, condition: "", window: "LIMIT 25" },
    Question { name: "plain page of 100", query: "?limit=100", is_flat: true, condition: "", window: "LIMIT 100" },
    Question {
        name: "plain page, deep",
        query: "?limit=25&offset={half}",
        is_flat: false,
        condition: "",
        window: "LIMIT 25 OFFSET {half}",
    },
    Question {
        name: "page after a cursor",
        query: "?limit=100&after_id={cursor}",
        is_flat: false,
        condition: "AND lower(username) > (SELECT lower(username) FROM users WHERE id = '{cursor}')",
        window: "LIMIT 100",
    },
    Question {
        name: "status:active",
        query: "?limit=25&q=status:active",
        is_flat: true,
        condition: "AND status = ANY ('{active}')",
        window: "LIMIT 25",
    },
    Question {
        name: "status:suspended",
        query: "?limit=25&q=status:suspended",
        is_flat: true,
        condition: "AND status = ANY ('{suspended}')",
        window: "LIMIT 25",
    },
    Question {
        name: "role:owner",
        query: "?limit=25&q=role:owner",
        is_flat: true,
        condition: "AND roles && '{owner}'",
        window: "LIMIT 25",
    },
    Question {
        name: "role:template-admin,auditor",
        query: "?limit=25&q=role:template-admin,auditor",
        is_flat: false,
        condition: "AND roles && '{template-admin,auditor}'",
        window: "LIMIT 25",
    },
    Question {
        name: "exact e-mail address",
        query: "?limit=25&q=user-0000500@example.com",
        is_flat: true,
        condition: "AND (email ILIKE '%user-0000500@example.com%' OR username ILIKE '%user-0000500@example.com%')",
        window: "LIMIT 25",
    },
    Question {
        name: "exact username",
        query: "?limit=25&q=user-0000500",
        is_flat: false,
        condition: "AND (email ILIKE '%user-0000500%' OR username ILIKE '%user-0000500%')",
        window: "LIMIT 25",
    },
    Question {
        name: "three letters",
        query: "?limit=25&q=ada",
        is_flat: false,
        condition: "AND (email ILIKE '%ada%' OR username ILIKE '%ada%')",
        window: "LIMIT 25",
    },
    Question {
        name: "one letter",
        query: "?limit=25&q=e",
        is_flat: false,
        condition: "AND (email ILIKE '%e%' OR username ILIKE '%e%')",
        window: "LIMIT 25",
    },
    Question {
        name: "no match",
        query: "?limit=25&q=no-such-person",
        is_flat: false,
        condition: "AND (email ILIKE '%no-such-person%' OR username ILIKE '%no-such-person%')",
        window: "LIMIT 25",
    },
    Question {
        name: "name:",
        query: "?limit=25&q=name:lovelace",
        is_flat: false,
        condition: "AND name ILIKE '%lovelace%'",
        window: "LIMIT 25",
    },
    Question {
        name: "login_type:github",
        query: "?limit=25&q=login_type:github",
        is_flat: false,
        condition: "AND login_type = ANY ('{github}')",
        window: "LIMIT 25",
    },
    Question {
        name: "service_account:true",
        query: "?limit=25&q=service_account:true",
        is_flat: false,
        condition: "AND is_service_account",
        window: "LIMIT 25",
    },
    Question {
        name: "created_after:",
        query: "?limit=25&q=created_after:%222026-06-30T00:00:00Z%22",
        is_flat: false,
        condition: "AND created_at >= '2026-06-30T00:00:00Z'",
        window: "LIMIT 25",
    },
    Question {
        name: "last_seen_before:",
        query: "?limit=25&q=last_seen_before:%222026-06-01T00:00:00Z%22",
        is_flat: false,
        condition: "AND last_seen_at <= '2026-06-01T00:00:00Z'",
        window: "LIMIT 25",
    },
    Question {
        name: "everything at once",
        query: "?limit=25&q=ada+status:active+role:owner,auditor+login_type:password",
        is_flat: false,
        condition: "AND (email ILIKE '%ada%' OR username ILIKE '%ada%') AND status = ANY ('{active}') AND roles && '{owner,auditor}' AND login_type = ANY ('{password}')",
        window: "LIMIT 25",
    },
    Question {
        name: "a filter, deep",
        query: "?limit=25&offset={half}&q=status:active",
        is_flat: false,
        condition: "AND status = ANY ('{active}')",
        window: "LIMIT 25 OFFSET {half}",
    },
];

const FIRST: [&str; 8] = ["Ada", "Alan", "Barbara", "Edsger", "Grace", "John", "Katherine", "Niklaus"];
const LAST: [&str; 8] = ["Lovelace", "Turing", "Liskov", "Dijkstra", "Hopper", "Backus", "Johnson", "Wirth"];
/// The number of users imported in one step.
const BATCH: usize = 5_000;

/// One table for each number of users.
pub(crate) async fn tables(sizes: &[usize], runs: usize) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    for &size in sizes {
        // No user is due, as on the day after a run.
        let app = TestApp::with(&[("ROSTER_DORMANCY_THRESHOLD", "87600h")]).await;
        let owner = app.set_up().await;
        let cursor = seed(&app, &owner, size).await?;
        let half = (size / 2).to_string();
        let path = |query: &str| format!("/users{}", query.replace("{cursor}", &cursor).replace("{half}", &half));
        let mut cold = Vec::new();
        for Question { query, is_flat, .. } in QUESTIONS {
            cold.push(if *is_flat { Some(ask(&owner, &path(query), runs).await) } else { None });
        }
        // The first search of a process loads the user index; with many users, the next searches continue.
        let begun = Instant::now();
        while owner.get("/users?q=unknown").await.status.as_u16() == 503 {}
        let loaded = begun.elapsed();
        let seconds = loaded.as_secs_f64();
        writeln!(text, "\n### {size} users\n\nThe first searches of a process load the user index: {seconds:.1} s.\n")?;
        text.push_str(
            "| query | count | trips | read units | cold, median | median | p95 |\n|---|---|---|---|---|---|---|\n",
        );
        for (Question { name, query, .. }, cold) in QUESTIONS.iter().zip(cold) {
            let warm = ask(&owner, &path(query), runs).await;
            let Cost { trips, read_units, .. } = warm.last.cost();
            let count = warm.last.json()["count"].as_u64().unwrap_or_default();
            let cold = cold.map_or_else(|| "loads".to_owned(), |cold| format!("{:.1} ms", cold.median));
            let Asked { median, high, .. } = warm;
            writeln!(
                text,
                "| {name} | {count} | {trips} | {read_units:.1} | {cold} | {median:.1} ms | {high:.1} ms |"
            )?;
        }
        text.push_str(&lookups(&app, &owner, &name(size / 2), runs).await?);
    }
    Ok(text)
}

/// Lookups without the list: a user by exact username, and the users who are due to become dormant.
async fn lookups(app: &TestApp, owner: &Actor, username: &str, runs: usize) -> Result<String, Box<dyn Error>> {
    let lookup = ask(owner, &format!("/users/{username}"), runs).await;
    let Cost { trips, read_units, .. } = lookup.last.cost();
    let Asked { median, high, .. } = lookup;
    let mut text = format!(
        "| `GET /users/{{username}}` | 1 | {trips} | {read_units:.1} | the same | {median:.1} ms | {high:.1} ms |\n"
    );
    let mut times = Vec::new();
    let log = RequestCost::default();
    for _ in 0..runs.max(1) {
        let begun = Instant::now();
        let report = log.scope(app.app.dormancy.run()).await?;
        times.push(begun.elapsed());
        if report.due > 0 {
            return Err(format!("{} users of the benchmark are due to become dormant", report.due).into());
        }
    }
    let asked = u32::try_from(times.len())?;
    let (median, high) = spread(times);
    let (trips, read_units) = (log.read().sequential / asked, log.read().read_units / f64::from(asked));
    writeln!(
        text,
        "| dormancy run, no user is due | 0 | {trips} | {read_units:.1} | the same | {median:.1} ms | {high:.1} ms |"
    )?;
    Ok(text)
}

/// Repeated runs of a query: median and 95th percentile in milliseconds, and the last answer.
struct Asked {
    median: f64,
    high: f64,
    last: Answer,
}

async fn ask(owner: &Actor, path: &str, runs: usize) -> Asked {
    let mut times = Vec::new();
    let mut last = owner.get(path).await.expect_status(200);
    for _ in 0..runs.max(1) {
        let begun = Instant::now();
        last = owner.get(path).await.expect_status(200);
        times.push(begun.elapsed());
    }
    let (median, high) = spread(times);
    Asked { median, high, last }
}

/// The median and the 95th percentile, in milliseconds.
pub(crate) fn spread(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort();
    (milliseconds(times[times.len() / 2]), milliseconds(times[times.len() * 95 / 100]))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Imports users; returns the id of the middle one.
async fn seed(app: &TestApp, owner: &Actor, size: usize) -> Result<String, Box<dyn Error>> {
    let me = owner.get("/users/me").await.expect_status(200).json();
    let organization: Uuid = me["organization_ids"][0].as_str().unwrap_or_default().parse()?;
    let random = Random::from_seed(7);
    let mut cursor = String::new();
    let mut done = 0;
    while done < size {
        let batch: Vec<User> =
            (done..size.min(done + BATCH)).map(|number| user(number, organization, &random)).collect();
        if let Some(middle) = batch.iter().find(|user| user.username == name(size / 2)) {
            cursor = middle.id.to_string();
        }
        done += batch.len();
        app.import_users(&batch)?;
        progress(done, size);
    }
    Ok(cursor)
}

pub(crate) fn progress(done: usize, size: usize) {
    let filled = done * 40 / size;
    eprint!("\rseeding [{}{}] {done}/{size}", "#".repeat(filled), " ".repeat(40 - filled));
    if done == size {
        eprintln!();
    }
    // A closed terminal needs no progress.
    let _gone = std::io::stderr().flush();
}

pub(crate) fn name(number: usize) -> String {
    format!("user-{number:07}")
}

pub(crate) fn user(number: usize, organization: Uuid, random: &Random) -> User {
    let username = name(number);
    // Each property is spread evenly with a stride of its own.
    let of = |stride: usize, choices: usize| number / stride % choices;
    let created = Timestamp::EPOCH.plus(TimeDelta::days(20_000 + i64::try_from(of(1, 630)).unwrap_or_default()));
    let is_service_account = number % 500 == 499;
    let (first, last) = (FIRST[of(1, 8)], LAST[of(8, 8)]);
    let login_type = match number % 20 {
        _ if is_service_account => LoginType::None,
        0..15 => LoginType::Password,
        15..19 => LoginType::Oidc,
        _ => LoginType::Github,
    };
    let status = match number % 10 {
        0..7 => UserStatus::Active,
        7..9 => UserStatus::Dormant,
        _ => UserStatus::Suspended,
    };
    User {
        id: random.uuid(),
        email: if is_service_account { String::new() } else { format!("{username}@example.com") },
        name: format!("{first} {last}"),
        username,
        avatar_url: String::new(),
        created_at: created,
        updated_at: created,
        last_seen_at: if status == UserStatus::Dormant { Timestamp::NEVER } else { created },
        status,
        login_type,
        is_service_account,
        roles: match number % 10_000 {
            1 => vec!["owner".to_owned()],
            2..10 => vec!["auditor".to_owned()],
            10..20 => vec!["template-admin".to_owned()],
            _ => Vec::new(),
        },
        memberships: vec![Membership::new(organization, created)],
        deleted: false,
        password_is_temporary: false,
        key_generation: 0,
        authz_version: 0,
        version: 0,
    }
}
