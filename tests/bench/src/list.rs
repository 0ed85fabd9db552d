//! Twenty questions to the list of users, at growing numbers of users.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use roster::clock::Random;
use roster::domain::organization::Membership;
use roster::domain::time::Timestamp;
use roster::domain::user::{LoginType, User, UserStatus};
use roster_tests::{Actor, Answer, Cost, TestApp};
use uuid::Uuid;

/// What is asked, and whether a process answers it that has not loaded the directory.
const QUERIES: &[(&str, &str, bool)] = &[
    ("plain page", "?limit=25", true),
    ("plain page of 100", "?limit=100", true),
    ("plain page, deep", "?limit=25&offset=200", true),
    ("page after a cursor", "?limit=100&after_id={cursor}", false),
    ("status:active", "?limit=25&q=status:active", true),
    ("status:suspended", "?limit=25&q=status:suspended", true),
    ("role:owner", "?limit=25&q=role:owner", true),
    ("role:template-admin,auditor", "?limit=25&q=role:template-admin,auditor", false),
    ("exact e-mail address", "?limit=25&q=user-0000500@example.com", true),
    ("exact username", "?limit=25&q=user-0000500", false),
    ("three letters", "?limit=25&q=ada", false),
    ("one letter", "?limit=25&q=e", false),
    ("nobody", "?limit=25&q=no-such-person", false),
    ("name:", "?limit=25&q=name:lovelace", false),
    ("login_type:github", "?limit=25&q=login_type:github", false),
    ("service_account:true", "?limit=25&q=service_account:true", false),
    ("created_after:", "?limit=25&q=created_after:%222026-06-30T00:00:00Z%22", false),
    ("last_seen_before:", "?limit=25&q=last_seen_before:%222026-06-01T00:00:00Z%22", false),
    ("everything at once", "?limit=25&q=ada+status:active+role:owner,auditor+login_type:password", false),
    ("a filter, deep", "?limit=25&offset=400&q=status:active", true),
];

const FIRST: [&str; 8] = ["Ada", "Alan", "Barbara", "Edsger", "Grace", "John", "Katherine", "Niklaus"];
const LAST: [&str; 8] = ["Lovelace", "Turing", "Liskov", "Dijkstra", "Hopper", "Backus", "Johnson", "Wirth"];
/// Users imported in one step.
const BATCH: usize = 5_000;

/// One table a number of users.
pub(crate) async fn tables(sizes: &[usize], runs: usize) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    for &size in sizes {
        let (app, owner) = TestApp::with_owner().await;
        let cursor = seed(&app, &owner, size).await?;
        let path = |query: &str| format!("/users{}", query.replace("{cursor}", &cursor));
        let mut cold = Vec::new();
        for (_, query, is_flat) in QUERIES {
            cold.push(if *is_flat { Some(ask(&owner, &path(query), runs).await) } else { None });
        }
        // The first search of a process loads the directory; where there are many users, the next ones go on.
        let begun = Instant::now();
        while owner.get("/users?q=nobody").await.status.as_u16() == 503 {}
        let loaded = begun.elapsed();
        let seconds = loaded.as_secs_f64();
        writeln!(text, "\n### {size} users\n\nThe first searches of a process load the directory: {seconds:.1} s.\n")?;
        text.push_str(
            "| query | count | trips | read units | cold, median | median | p95 |\n|---|---|---|---|---|---|---|\n",
        );
        for ((name, query, _), cold) in QUERIES.iter().zip(cold) {
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
    }
    Ok(text)
}

/// A question asked some times: milliseconds, and the last answer.
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
    times.sort();
    Asked { median: milliseconds(times[times.len() / 2]), high: milliseconds(times[times.len() * 95 / 100]), last }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Imports users beside the owner; returns the id of one in the middle.
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

fn progress(done: usize, size: usize) {
    let filled = done * 40 / size;
    eprint!("\rseeding [{}{}] {done}/{size}", "#".repeat(filled), " ".repeat(40 - filled));
    if done == size {
        eprintln!();
    }
    // A terminal that is gone needs no progress.
    let _gone = std::io::stderr().flush();
}

fn name(number: usize) -> String {
    format!("user-{number:07}")
}

fn user(number: usize, organization: Uuid, random: &Random) -> User {
    let username = name(number);
    // Spread evenly, each by another stride.
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
    User {
        id: random.uuid(),
        email: if is_service_account { String::new() } else { format!("{username}@example.com") },
        name: format!("{first} {last}"),
        username,
        avatar_url: String::new(),
        created_at: created,
        updated_at: created,
        last_seen_at: if number.is_multiple_of(3) { Timestamp::NEVER } else { created },
        status: match number % 10 {
            0..7 => UserStatus::Active,
            7..9 => UserStatus::Dormant,
            _ => UserStatus::Suspended,
        },
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
        standing: 0,
        version: 0,
    }
}
