//! Faults of the database: temporary ones are retried, permanent ones change nothing.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use roster::auth::token::ShortId;
use roster_tests::app::PASSWORD;
use roster_tests::{Fault, TestApp};

use super::{added, assert_counted, item_keys, items_of, with_used_session};

const READ: &str = "BatchGetItem";
const WRITE: &str = "TransactWriteItems";
/// A login counts the attempt and writes an audit entry while it reads the user.
const COUNT: &str = "UpdateItem";
const NOTE: &str = "PutItem";

fn operations(app: &TestApp) -> Vec<String> {
    app.faults.history().into_iter().map(|(operation, _)| operation).collect()
}

/// Creates a user with these faults. It must succeed with these calls and create one user.
async fn assert_created(faults: impl IntoIterator<Item = Fault>, calls: &[&str]) {
    let (app, owner) = with_used_session().await;
    let before = item_keys(&app).await;
    app.faults.script(faults);
    let answer = owner.post("/users", TestApp::new_user("ada")).await.expect_status(201);
    assert_eq!(operations(&app), calls);
    assert_eq!(added(&before, &item_keys(&app).await), items_of(&answer.json()));
    assert_counted(&app, &owner).await;
}

/// Signs a dormant user in with these faults. It must succeed with these calls and create one session.
async fn assert_signed_in(faults: impl IntoIterator<Item = Fault>, calls: &[&str]) {
    let (app, owner) = with_used_session().await;
    app.create_user(&owner, "ada").await;
    let before = item_keys(&app).await;
    app.faults.script(faults);
    let ada = app.sign_in("ada").await;
    // The attempt is settled after the answer.
    assert_eq!(operations(&app), [calls, &[COUNT]].concat());
    let mut before = before;
    assert!(before.remove("DIRECTORY#STATUS#dormant / ada"));
    let added: Vec<String> = added(&before, &item_keys(&app).await).into_iter().collect();
    assert_eq!(added.len(), 3, "{added:?}");
    assert_eq!(added[..2], ["DIRECTORY#STATUS#active / ada", "EMAIL#ada@example.com / ATTEMPTS"]);
    assert!(added[2].ends_with(&format!(" / KEY#{}", ada.key_id())), "{added:?}");
    app.assert_consistent().await;
    assert_eq!(ada.get("/users/me").await.expect_status(200).text_at("/status"), "active");
}

/// Faults of the transaction of a login, with none before it.
fn at_the_write<const N: usize>(faults: [Fault; N]) -> impl Iterator<Item = Fault> {
    [Fault::None; 3].into_iter().chain(faults)
}

#[tokio::test]
async fn an_unreadable_item_is_a_500_without_the_cause() {
    let (app, owner) = with_used_session().await;
    let id = app.create_user(&owner, "ada").await;
    let short = ShortId::of(id.parse().expect("the id is a UUID"));
    app.corrupt_item(&format!("USER#{}", short.as_str()), "PROFILE", "status").await;
    app.corrupt_item("DIRECTORY", "ada", "status").await;
    for path in ["/users", "/users?q=ada", "/users/ada", &format!("/users/{id}"), &format!("/users/{id}/roles")] {
        let failed = owner.get(path).await.expect_status(500);
        assert!(!failed.text_at("/message").is_empty(), "{}", failed.text);
        let length = failed.header("content-length");
        assert!(length.is_empty() || length == failed.text.len().to_string(), "{path}: {length}");
        assert!(failed.text_at("/detail").contains(&failed.header("x-coder-request-id")), "{path}: {}", failed.text);
        for cause in ["corrupt", "attribute", "PROFILE", "DIRECTORY", "must be an existing uuid or username"] {
            assert!(!failed.text.contains(cause), "{path}: {}", failed.text);
        }
    }
}

#[tokio::test]
async fn a_throttled_call_is_retried() {
    assert_created([Fault::Throttle], &[READ, READ, WRITE]).await;
    assert_created([Fault::None, Fault::Throttle], &[READ, WRITE, WRITE]).await;
    assert_signed_in([Fault::Throttle], &[READ, COUNT, NOTE, READ, WRITE]).await;
    assert_signed_in([Fault::None, Fault::Throttle], &[READ, COUNT, NOTE, COUNT, WRITE]).await;
    assert_signed_in([Fault::None, Fault::None, Fault::Throttle], &[READ, COUNT, NOTE, NOTE, WRITE]).await;
    assert_signed_in(at_the_write([Fault::Throttle]), &[READ, COUNT, NOTE, WRITE, WRITE]).await;
}

#[tokio::test]
async fn a_write_that_conflicts_with_a_transaction_is_retried() {
    let conflicts = [Fault::Conflict; 2];
    assert_created(std::iter::once(Fault::None).chain(conflicts), &[READ, WRITE, WRITE, WRITE]).await;
    assert_signed_in(at_the_write(conflicts), &[READ, COUNT, NOTE, WRITE, WRITE, WRITE]).await;
    assert_signed_in([Fault::None, Fault::Conflict], &[READ, COUNT, NOTE, COUNT, WRITE]).await;
}

#[tokio::test]
async fn a_transaction_with_a_lost_answer_is_applied_once() {
    assert_created([Fault::None, Fault::LostAnswer], &[READ, WRITE, WRITE]).await;
    assert_signed_in(at_the_write([Fault::LostAnswer]), &[READ, COUNT, NOTE, WRITE, WRITE]).await;
}

#[tokio::test]
async fn a_transaction_with_a_lost_answer_is_recognised_after_other_faults() {
    let lost = [Fault::None, Fault::Conflict, Fault::LostAnswer, Fault::Conflict, Fault::Throttle];
    assert_created(lost, &[READ, WRITE, WRITE, WRITE, WRITE, WRITE]).await;
}

#[tokio::test]
async fn a_read_with_a_lost_answer_is_retried() {
    assert_created([Fault::LostAnswer], &[READ, READ, WRITE]).await;
    assert_signed_in([Fault::LostAnswer], &[READ, COUNT, NOTE, READ, WRITE]).await;
}

#[tokio::test]
async fn a_late_answer_is_accepted() {
    assert_created([Fault::Delay, Fault::Delay], &[READ, WRITE]).await;
    assert_signed_in([Fault::Delay; 4], &[READ, COUNT, NOTE, WRITE]).await;
}

#[tokio::test]
async fn unprocessed_keys_of_a_batch_are_read_again() {
    assert_created([Fault::UnprocessedKeys], &[READ, READ, WRITE]).await;
}

/// The maximum of attempts for one call.
const ATTEMPTS: usize = 4;

#[tokio::test]
async fn too_much_throttling_is_a_503_with_retry_after_and_writes_nothing() {
    let (app, owner) = with_used_session().await;
    app.create_user(&owner, "ada").await;
    let before = item_keys(&app).await;
    // A login makes three concurrent calls before its transaction; the first that fails ends the login.
    for (spared, spared_of_login) in [(0, 0), (1, 3)] {
        let script = |spared, calls| std::iter::repeat_n(Fault::None, spared).chain(vec![Fault::Throttle; calls]);
        app.faults.script(script(spared_of_login, 3 * ATTEMPTS));
        let login = app.login("ada@example.com", PASSWORD).await;
        app.faults.script(script(spared, ATTEMPTS));
        let created = owner.post("/users", TestApp::new_user("bob")).await;
        for answer in [created, login] {
            assert_eq!((answer.status.as_u16(), answer.header("retry-after").as_str()), (503, "2"), "{}", answer.text);
            assert!(!answer.text_at("/message").is_empty(), "{}", answer.text);
        }
        assert_eq!(operations(&app).len(), spared + ATTEMPTS);
        let mut after = item_keys(&app).await;
        // The attempt was counted once, whether or not the login succeeded.
        after.remove("EMAIL#ada@example.com / ATTEMPTS");
        assert_eq!(after, before);
    }
    assert_counted(&app, &owner).await;
}

#[tokio::test]
async fn the_audit_entry_of_a_failed_login_has_the_status_of_the_answer() {
    let (app, _) = with_used_session().await;
    let last_entry = async || {
        let entries = app.audit_entries().await;
        entries.last().map(|entry| (entry.action.clone(), entry.status))
    };
    app.faults.script(at_the_write([Fault::Throttle; ATTEMPTS]));
    app.login("owner@example.com", PASSWORD).await.expect_status(503);
    assert_eq!(last_entry().await, Some(("login".to_owned(), 503)));
    app.corrupt_item("EMAIL#owner@example.com", "CLAIM", "status").await;
    app.login("owner@example.com", PASSWORD).await.expect_status(500);
    assert_eq!(last_entry().await, Some(("login".to_owned(), 500)));
}

#[tokio::test]
async fn a_session_keeps_its_audit_entry_when_the_answer_of_the_database_is_lost() {
    let (app, _) = with_used_session().await;
    let before = app.audit_entries().await.len();
    let mut faults = [Fault::Throttle; ATTEMPTS];
    faults[0] = Fault::LostAnswer;
    app.faults.script(at_the_write(faults));
    app.login("owner@example.com", PASSWORD).await.expect_status(503);
    // The transaction was committed, and with it an entry of the session.
    let entries = app.audit_entries().await.split_off(before);
    assert_eq!(entries.iter().map(|entry| entry.status).collect::<Vec<_>>(), [201]);
}

#[tokio::test]
async fn too_many_conflicts_are_a_503_with_retry_after_and_write_nothing() {
    let (app, owner) = with_used_session().await;
    let before = item_keys(&app).await;
    app.faults.script(std::iter::once(Fault::None).chain([Fault::Conflict; 8]));
    let answer = owner.post("/users", TestApp::new_user("ada")).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after").as_str()), (503, "2"), "{}", answer.text);
    assert_eq!(item_keys(&app).await, before);
}

/// The user index rereads the changes of the last minute, so no change may be committed later than that.
#[tokio::test]
async fn a_change_that_cannot_be_committed_in_time_is_abandoned() {
    let (app, owner) = with_used_session().await;
    let before = item_keys(&app).await;
    app.clock.tick(TimeDelta::seconds(41));
    app.faults.script([Fault::None, Fault::Conflict]);
    let answer = owner.post("/users", TestApp::new_user("ada")).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after").as_str()), (503, "2"), "{}", answer.text);
    assert_eq!(operations(&app), [READ, WRITE]);
    assert_eq!(item_keys(&app).await, before);
}

/// Whether all items of a user exist. Panics when only some of them do.
fn is_whole(added: &BTreeSet<String>, username: &str) -> bool {
    if added.is_empty() {
        return false;
    }
    let claims = [
        format!("DIRECTORY / {username}"),
        format!("DIRECTORY#STATUS#dormant / {username}"),
        format!("EMAIL#{username}@example.com / CLAIM"),
    ];
    assert!(claims.iter().all(|claim| added.contains(claim)), "{added:?}");
    let own: BTreeSet<&str> = added.iter().filter_map(|key| key.strip_prefix("USER#")?.split(" / ").next()).collect();
    assert_eq!((own.len(), added.len()), (1, 7), "{added:?}");
    true
}

/// The status of a user in each of the three items that hold it.
async fn statuses(app: &TestApp, id: &str, username: &str) -> BTreeSet<String> {
    let partition = format!("USER#{}", ShortId::of(id.parse().expect("an id is a UUID")).as_str());
    let claim = format!("EMAIL#{username}@example.com");
    let mut statuses = BTreeSet::new();
    for (partition, sort) in [(partition.as_str(), "PROFILE"), ("DIRECTORY", username), (&claim, "CLAIM")] {
        let item = app.item(partition, sort).await;
        statuses.insert(item["status"].as_s().expect("a status is a text").clone());
    }
    statuses
}

type History = Vec<(String, Fault)>;

/// The faults of the calls, sorted so that the order of concurrent calls does not matter.
fn history(app: &TestApp) -> History {
    let mut history = app.faults.history();
    history.sort_by_key(|(operation, fault)| (operation.clone(), format!("{fault:?}")));
    history
}

/// Creates users and signs them in, each with the faults of another seed.
async fn play(seeds: std::ops::Range<u64>) -> Vec<(u16, History)> {
    let (app, owner) = with_used_session().await;
    let mut played = Vec::new();
    for seed in seeds {
        let name = format!("user-{seed}");
        let before = item_keys(&app).await;
        app.faults.seed(seed, 30);
        let answer = owner.post("/users", TestApp::new_user(&name)).await;
        played.push((answer.status.as_u16(), history(&app)));
        app.faults.script([]);
        let is_there = is_whole(&added(&before, &item_keys(&app).await), &name);
        assert!([201, 503].contains(&answer.status.as_u16()), "seed {seed}: {}", answer.text);
        assert!(is_there || answer.status == 503, "seed {seed}: {}", answer.text);
        assert_counted(&app, &owner).await;

        if !is_there {
            app.create_user(&owner, &name).await;
        }
        let id = owner.get(&format!("/users/{name}")).await.expect_status(200).text_at("/id");
        let before = item_keys(&app).await;
        app.faults.seed(seed, 30);
        let answer = app.login(&format!("{name}@example.com"), PASSWORD).await;
        played.push((answer.status.as_u16(), history(&app)));
        app.faults.script([]);
        let mut before = before;
        let after = item_keys(&app).await;
        // An activated user is in another listing.
        before.retain(|key| after.contains(key) || *key != format!("DIRECTORY#STATUS#dormant / {name}"));
        let mut added = added(&before, &after);
        added.remove(&format!("DIRECTORY#STATUS#active / {name}"));
        // Attempts are counted even when the login fails.
        added.remove(&format!("EMAIL#{name}@example.com / ATTEMPTS"));
        let sessions = added.len();
        app.assert_consistent().await;
        let status = if sessions == 1 { "active" } else { "dormant" };
        assert!(sessions == 1 || (sessions == 0 && answer.status == 503), "seed {seed}: {sessions}: {}", answer.text);
        assert!([201, 503].contains(&answer.status.as_u16()), "seed {seed}: {}", answer.text);
        assert_eq!(statuses(&app, &id, &name).await, BTreeSet::from([status.to_owned()]), "seed {seed}");
    }
    played
}

/// Plays every seed. Several deployments run concurrently because most of the time is waiting.
async fn play_all() -> Vec<(u16, History)> {
    let deployments = [0..5, 5..10, 10..15, 15..20].map(|seeds| tokio::spawn(play(seeds)));
    let mut played = Vec::new();
    for deployment in deployments {
        played.extend(deployment.await.expect("nothing is left half done"));
    }
    played
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_atomic_under_faults_and_seeds_repeat() {
    let (first, second) = tokio::join!(play_all(), play_all());
    assert_eq!(first, second);
    let met: BTreeSet<String> =
        first.iter().flat_map(|(_, history)| history).map(|(_, fault)| format!("{fault:?}")).collect();
    assert!(met.len() >= 6, "the seeds inject too few faults: {met:?}");
}
