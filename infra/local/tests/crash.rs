//! The local server is killed while it creates users: afterwards each user exists completely or not at all.
#![expect(clippy::expect_used, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use aws_sdk_dynamodb::types::AttributeValue;
use roster::clock::Random;
use roster::storage::dynamodb::client;
use serde_json::{Value, json};

const PASSWORD: &str = "SomeSecurePassword!";

/// The program under test, which `Drop` kills like `kill -9`.
struct Roster {
    process: Child,
    /// The address that it prints.
    address: String,
}

impl Roster {
    fn start(data: &Path, arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_roster"))
            .args(["--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(arguments)
            .env("ROSTER_ARGON2_MEMORY_KIB", "8")
            .env("ROSTER_ARGON2_ITERATIONS", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let output = BufReader::new(process.stdout.take().expect("its output is ours"));
        let lines = output.lines().map_while(Result::ok);
        let address = lines.into_iter().find_map(|line| {
            let (_, rest) = line.split_once("http://")?;
            Some(format!("http://{}", rest.split(['/', ',']).next()?))
        });
        Self { process, address: address.expect("it says where it serves") }
    }
}

impl Drop for Roster {
    fn drop(&mut self) {
        // On Unix this is SIGKILL: the process flushes and prints nothing.
        let _gone = self.process.kill();
        let _ended = self.process.wait();
    }
}

struct Data(PathBuf);

impl Data {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("roster-crash-{}", Random::from_system().uuid())))
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        let _absent = std::fs::remove_dir_all(&self.0);
    }
}

async fn post(url: &str, path: &str, token: &str, body: &Value) -> reqwest::Result<(u16, Value)> {
    let request = reqwest::Client::new().post(format!("{url}/api/v2{path}")).header("Coder-Session-Token", token);
    let response = request.json(body).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

fn new_user(username: &str) -> Value {
    json!({
        "email": format!("{username}@example.com"), "username": username, "password": PASSWORD,
        "organization_ids": ["00000000-0000-0000-0000-000000000000"],
    })
}

/// Creates users until the server is killed; returns those whose creation was confirmed.
async fn create_users(url: String, token: String, names: Vec<String>) -> BTreeSet<String> {
    let mut confirmed = BTreeSet::new();
    for name in names {
        match post(&url, "/users", &token, &new_user(&name)).await {
            Ok((201, _)) => confirmed.insert(name),
            Ok((status, body)) => panic!("{status}: {body}"),
            Err(_) => break,
        };
    }
    confirmed
}

/// The sort keys of all items by partition, and the sum of the counters of users.
async fn item_keys(endpoint: &str) -> (BTreeMap<String, BTreeSet<String>>, i64) {
    let client = client::connect(Some(endpoint)).await;
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut counted = 0;
    let mut start = None;
    loop {
        let page = client.scan().table_name("Roster").set_exclusive_start_key(start).send().await.expect("a scan");
        for item in page.items() {
            let text = |name: &str| match item.get(name) {
                Some(AttributeValue::S(text)) => text.clone(),
                _ => String::new(),
            };
            if let Some(AttributeValue::N(users)) = item.get("users") {
                counted += users.parse::<i64>().expect("a count");
            }
            keys.entry(text("PK")).or_default().insert(text("SK"));
        }
        start = page.last_evaluated_key;
        if start.is_none() {
            return (keys, counted);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn after_a_kill_every_user_exists_completely_or_not_at_all() {
    let data = Data::new();
    let server = Roster::start(&data.0, &[]);
    let url = server.address.clone();
    let owner = json!({ "email": "owner@example.com", "username": "owner", "password": PASSWORD });
    assert_eq!(post(&url, "/users/first", "", &owner).await.expect("an answer").0, 201);
    let (_, session) = post(&url, "/users/login", "", &owner).await.expect("an answer");
    let token = session["session_token"].as_str().expect("a token").to_owned();

    // Four writers create fifty users each. The kill comes when the first one has confirmed a quarter.
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let names: Vec<String> = (0..50).map(|user| format!("user-{writer}-{user}")).collect();
            let first = names[12].clone();
            let created = tokio::spawn(create_users(url.clone(), token.clone(), names));
            (first, created)
        })
        .collect();
    let milestone = &writers[0].0;
    loop {
        let found = reqwest::Client::new()
            .get(format!("{url}/api/v2/users/{milestone}"))
            .header("Coder-Session-Token", &token)
            .send()
            .await
            .expect("an answer");
        if found.status().is_success() {
            break;
        }
    }
    drop(server);
    let mut confirmed = BTreeSet::from(["owner".to_owned()]);
    for (_, created) in writers {
        confirmed.extend(created.await.expect("a writer ends"));
    }
    assert!(confirmed.len() < 201, "the kill came too late to prove anything");

    let inspected = Roster::start(&data.0, &["--dynamodb-only"]);
    let (keys, counted) = item_keys(&inspected.address).await;
    drop(inspected);
    let names: BTreeSet<String> = keys["DIRECTORY"].iter().filter(|name| !name.starts_with('#')).cloned().collect();
    assert!(confirmed.is_subset(&names), "confirmed and lost: {:?}", confirmed.difference(&names));
    assert_eq!(counted, i64::try_from(names.len()).expect("few"));
    for name in &names {
        assert!(keys.contains_key(&format!("EMAIL#{name}@example.com")), "{name} has no email claim");
    }
    let claims = keys.keys().filter(|partition| partition.starts_with("EMAIL#")).count();
    let whole = keys.values().filter(|sorts| sorts.contains("PROFILE") && sorts.contains("GIT_SSH_KEY")).count();
    let users = keys.keys().filter(|partition| partition.starts_with("USER#")).count();
    assert_eq!((claims, whole, users), (names.len(), names.len(), names.len()));

    // A restarted server continues with the same data.
    let server = Roster::start(&data.0, &[]);
    let (status, body) = post(&server.address, "/users", &token, &new_user("afterwards")).await.expect("an answer");
    assert_eq!(status, 201, "{body}");
}
