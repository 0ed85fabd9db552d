//! Measures whether the time of a refused login reveals why it was refused.
//!
//! Logins of users in every state run in an order that changes each round. Hashes are cheap, so that they do not hide
//! other differences. Two kinds can be distinguished when Welch's t of their times reaches 4.5 (the bound of dudect,
//! Reparaz et al. 2017).

use std::error::Error;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;

use bytes::Bytes;
use http::{Request, StatusCode};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use roster_tests::TestApp;
use roster_tests::app::PASSWORD;
use serde_json::{Value, json};

/// The value of t above which two means differ by more than chance.
const BOUND: f64 = 4.5;
/// The number of logins that fill caches and open connections before the measurement.
const WARM_UP: usize = 300;

/// The address of the client.
const CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)), 40_000);

/// A kind of refusal, the username, and the password of the login.
const KINDS: [(&str, &str, &str); 6] = [
    ("unknown", "unknown", "NotThePassword!"),
    ("wrong password", "active", "NotThePassword!"),
    ("no password", "robot", "NotThePassword!"),
    ("suspended", "suspended", "NotThePassword!"),
    ("locked, right password", "locked", PASSWORD),
    ("deleted, former password", "gone", PASSWORD),
];

/// A table with one line for each kind and t of each pair; an error when two kinds can be distinguished.
pub(crate) async fn table(runs: usize) -> Result<String, Box<dyn Error>> {
    let app = deployment(runs).await?;
    let mut random = StdRng::seed_from_u64(1);
    let mut times: [Vec<f64>; KINDS.len()] = std::array::from_fn(|_| Vec::with_capacity(runs));
    let mut order: Vec<usize> = (0..KINDS.len()).collect();
    for round in 0..WARM_UP + runs {
        order.shuffle(&mut random);
        for &kind in &order {
            let (_, name, password) = KINDS[kind];
            let body = json!({ "email": format!("{name}@example.com"), "password": password });
            let request = Request::post("/api/v2/users/login").header("host", "roster.test");
            let request = request.body(Bytes::from(body.to_string()))?;
            let started = Instant::now();
            let answer = app.gateway.handle(request, CLIENT).await;
            let took = started.elapsed().as_secs_f64() * 1e6;
            app.gateway.drain().await;
            if answer.status() != StatusCode::UNAUTHORIZED {
                return Err(format!("{name}: {}", answer.status()).into());
            }
            if round >= WARM_UP {
                times[kind].push(took);
            }
        }
    }
    report(&times)
}

/// Users in every state. The lockout threshold exceeds the number of measured logins.
async fn deployment(runs: usize) -> Result<TestApp, Box<dyn Error>> {
    let threshold = runs + WARM_UP + 1000;
    let text = threshold.to_string();
    let app = TestApp::with(&[("ROSTER_LOCKOUT_THRESHOLD", text.as_str())]).await;
    let owner = app.set_up().await;
    for name in ["active", "suspended", "locked", "gone"] {
        app.user_with_roles(&owner, name, &[]).await;
    }
    let mut robot = TestApp::new_user("robot");
    robot["login_type"] = json!("none");
    robot["password"] = json!("");
    owner.post("/users", robot).await.expect_status(201);
    owner.put("/users/suspended/status/suspend", Value::Null).await.expect_status(200);
    owner.delete("/users/gone").await.expect_status(200);
    eprintln!("locking a user with {threshold} wrong passwords …");
    for _ in 0..threshold {
        app.login("locked@example.com", "NotThePassword!").await.expect_status(401);
    }
    app.login("locked@example.com", PASSWORD).await.expect_status(401);
    Ok(app)
}

fn report(times: &[Vec<f64>; KINDS.len()]) -> Result<String, Box<dyn Error>> {
    let mut table = "| login | median µs | mean µs |".to_owned();
    for (name, _, _) in KINDS {
        write!(table, " t to {name} |")?;
    }
    table.push_str("\n|---|---|---|");
    table.push_str(&"---|".repeat(KINDS.len()));
    table.push('\n');
    let mut largest = 0.0_f64;
    for (kind, (name, _, _)) in KINDS.iter().enumerate() {
        write!(table, "| {name} | {:.0} | {:.1} |", median(&times[kind]), mean(&times[kind]))?;
        for other in times {
            let t = welch(&times[kind], other);
            largest = largest.max(t.abs());
            write!(table, " {t:.2} |")?;
        }
        table.push('\n');
    }
    writeln!(table, "\nLargest |t|: {largest:.2}, of {} logins each.", times[0].len())?;
    if largest < BOUND { Ok(table) } else { Err(format!("two kinds can be distinguished\n\n{table}").into()) }
}

/// Welch's t: the difference of two means in units of its standard error.
fn welch(first: &[f64], second: &[f64]) -> f64 {
    let error = (variance(first) / count(first) + variance(second) / count(second)).sqrt();
    if error == 0.0 { 0.0 } else { (mean(first) - mean(second)) / error }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn count(times: &[f64]) -> f64 {
    times.len() as f64
}

fn mean(times: &[f64]) -> f64 {
    times.iter().sum::<f64>() / count(times)
}

fn variance(times: &[f64]) -> f64 {
    let mean = mean(times);
    times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count(times) - 1.0)
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
