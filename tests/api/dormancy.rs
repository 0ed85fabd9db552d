//! The job that makes unseen users dormant (docs/api/dormancy.md#dormancy-job), and the activation of dormant users
//! (docs/api/dormancy.md#activation-by-use).

use chrono::TimeDelta;
use roster::auth::token::ShortId;
use roster::clock::Clock;
use roster::service::dormancy::DormancyReport;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Fault, TestApp};
use serde_json::{Value, json};

const THRESHOLD: TimeDelta = TimeDelta::days(90);
const NEVER: &str = "0001-01-01T00:00:00Z";

async fn run(app: &TestApp) -> DormancyReport {
    Box::pin(app.app.dormancy.run()).await.expect("the run succeeds")
}

fn report(due: u64, changed: u64, skipped: u64) -> DormancyReport {
    DormancyReport { due, changed, skipped, unreadable: 0 }
}

async fn user(actor: &Actor, name: &str) -> Value {
    actor.get(&format!("/users/{name}")).await.expect_status(200).json()
}

async fn status(actor: &Actor, name: &str) -> String {
    user(actor, name).await["status"].as_str().unwrap_or_default().to_owned()
}

/// Creates an active user who was never seen.
async fn create_active(owner: &Actor, name: &str) {
    owner.create_user_with(name, json!({ "user_status": "active" })).await;
}

/// Creates an active user who was just seen.
async fn create_seen(app: &TestApp, owner: &Actor, name: &str) -> Actor {
    let actor = app.user_with_roles(owner, name, &[]).await;
    actor.get("/users/me").await.expect_status(200);
    actor
}

/// A deployment with `ada`, unseen for longer than the threshold, and an owner who was just seen.
async fn with_unseen_user() -> (TestApp, Actor, Actor) {
    let (app, _) = TestApp::with_owner().await;
    let owner = app.sign_in("owner").await;
    let ada = create_seen(&app, &owner, "ada").await;
    app.clock.advance(THRESHOLD + TimeDelta::minutes(1));
    let owner = seen_owner(&app).await;
    (app, owner, ada)
}

/// Signs the owner in and makes a request, so that the owner was just seen.
async fn seen_owner(app: &TestApp) -> Actor {
    let owner = app.sign_in("owner").await;
    owner.get("/users/me").await.expect_status(200);
    owner
}

#[tokio::test]
async fn only_users_unseen_for_longer_than_the_threshold_become_dormant() {
    let (app, owner) = TestApp::with_owner().await;
    create_seen(&app, &owner, "long-ago").await;
    app.clock.advance(TimeDelta::hours(12));
    create_seen(&app, &owner, "half-a-day-later").await;
    app.clock.advance(THRESHOLD - TimeDelta::hours(6));
    let owner = seen_owner(&app).await;
    create_seen(&app, &owner, "just-now").await;
    assert_eq!(run(&app).await, report(1, 1, 0));
    let expected =
        [("long-ago", "dormant"), ("half-a-day-later", "active"), ("just-now", "active"), ("owner", "active")];
    for (name, expected) in expected {
        assert_eq!(status(&owner, name).await, expected, "{name}");
    }
}

#[tokio::test]
async fn a_user_becomes_dormant_a_microsecond_after_the_threshold() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    let seen = owner.get("/users/me").await.expect_status(200).micros_at("/last_seen_at");
    // Each reading moves the clock by a microsecond: this is one reading, the run makes the next one.
    let next_look = app.clock.now().micros() + 1;
    app.clock.advance(TimeDelta::microseconds(seen - next_look) + THRESHOLD);
    assert_eq!(run(&app).await, report(0, 0, 0));
    assert_eq!(run(&app).await, report(1, 1, 0));
}

#[tokio::test]
async fn an_active_user_who_was_never_seen_becomes_dormant_at_once() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    create_active(&owner, "ada").await;
    assert_eq!(run(&app).await, report(1, 1, 0));
    let ada = user(&owner, "ada").await;
    assert_eq!((ada["status"].as_str(), ada["last_seen_at"].as_str()), (Some("dormant"), Some(NEVER)));
}

#[tokio::test]
async fn an_activated_user_who_was_never_seen_becomes_dormant_again() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    app.create_user(&owner, "ada").await;
    assert_eq!(run(&app).await, report(0, 0, 0));
    owner.put("/users/ada/status/activate", Value::Null).await.expect_status(200);
    assert_eq!(run(&app).await, report(1, 1, 0));
    assert_eq!(status(&owner, "ada").await, "dormant");
}

#[tokio::test]
async fn owners_and_service_accounts_become_dormant_too() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    let robot = json!({
        "username": "robot", "service_account": true, "user_status": "active",
        "organization_ids": ["00000000-0000-0000-0000-000000000000"],
    });
    owner.post("/users", robot).await.expect_status(201);
    app.clock.advance(THRESHOLD + TimeDelta::minutes(1));
    assert_eq!(run(&app).await, report(2, 2, 0));
    // The owner keeps the role; a login activates the owner again.
    let owner = app.sign_in("owner").await;
    assert_eq!(status(&owner, "robot").await, "dormant");
}

#[tokio::test]
async fn suspended_dormant_and_deleted_users_do_not_change() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    for name in ["suspended", "deleted"] {
        create_active(&owner, name).await;
    }
    app.create_user(&owner, "dormant").await;
    owner.put("/users/suspended/status/suspend", Value::Null).await.expect_status(200);
    let deleted = user(&owner, "deleted").await;
    owner.delete("/users/deleted").await.expect_status(200);
    let before = [user(&owner, "suspended").await, user(&owner, "dormant").await];
    assert_eq!(run(&app).await, report(0, 0, 0));
    assert_eq!([user(&owner, "suspended").await, user(&owner, "dormant").await], before);
    assert_eq!(status(&owner, deleted["id"].as_str().unwrap_or_default()).await, "active");
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let (app, owner, _) = with_unseen_user().await;
    assert_eq!(run(&app).await, report(1, 1, 0));
    let once = user(&owner, "ada").await;
    assert_eq!(run(&app).await, report(0, 0, 0));
    assert_eq!(user(&owner, "ada").await, once);
}

#[tokio::test]
async fn becoming_dormant_changes_only_status_and_updated_at() {
    let (app, owner, _) = with_unseen_user().await;
    let before = owner.get("/users/ada").await.expect_status(200);
    run(&app).await;
    let after = owner.get("/users/ada").await.expect_status(200);
    assert!(after.micros_at("/updated_at") > before.micros_at("/updated_at"));
    let mut expected = before.json();
    expected["status"] = json!("dormant");
    expected["updated_at"] = json!(after.text_at("/updated_at"));
    assert_eq!(after.json(), expected);
}

#[tokio::test]
async fn the_list_and_its_filter_show_a_dormant_user_at_once() {
    let (app, owner, _) = with_unseen_user().await;
    run(&app).await;
    let dormant = owner.get("/users?q=status:dormant").await.expect_status(200);
    assert_eq!((dormant.json()["count"].as_u64(), dormant.text_at("/users/0/username")), (Some(1), "ada".to_owned()));
}

#[tokio::test]
async fn the_threshold_is_configurable() {
    let (app, owner) = TestApp::with_settings(&[("ROSTER_DORMANCY_THRESHOLD", "1h")]).await;
    owner.get("/users/me").await.expect_status(200);
    app.clock.advance(TimeDelta::minutes(59));
    assert_eq!(run(&app).await, report(0, 0, 0));
    app.clock.advance(TimeDelta::minutes(2));
    assert_eq!(run(&app).await, report(1, 1, 0));
}

#[tokio::test]
async fn a_login_activates_a_dormant_user() {
    let (app, owner, _) = with_unseen_user().await;
    run(&app).await;
    let before = owner.get("/users/ada").await.expect_status(200).micros_at("/last_seen_at");
    app.sign_in("ada").await;
    let ada = owner.get("/users/ada").await.expect_status(200);
    assert_eq!(ada.text_at("/status"), "active");
    assert!(ada.micros_at("/last_seen_at") > before + THRESHOLD.num_microseconds().unwrap_or_default());
    assert_eq!(run(&app).await, report(0, 0, 0));
}

#[tokio::test]
async fn a_refused_login_does_not_activate_a_dormant_user() {
    let (app, owner, _) = with_unseen_user().await;
    run(&app).await;
    app.login("ada@example.com", "NotThePassword!").await.expect_status(401);
    assert_eq!(status(&owner, "ada").await, "dormant");
}

#[tokio::test]
async fn a_token_activates_a_dormant_user_before_the_answer() {
    let (app, owner, _) = with_unseen_user().await;
    let token = owner.create_token_for("ada", json!({ "lifetime": 3_600_000_000_000_i64 })).await;
    run(&app).await;
    let me = token.get("/users/me").await.expect_status(200);
    assert_eq!(me.text_at("/status"), "active");
    assert_eq!(user(&owner, "ada").await["status"], "active");
    assert_eq!(run(&app).await, report(0, 0, 0));
}

#[tokio::test]
async fn using_a_token_counts_as_seen() {
    let (app, owner) = TestApp::with_owner().await;
    create_active(&owner, "robot").await;
    let token = owner.create_token_for("robot", json!({ "lifetime": 200 * 24 * 3_600_000_000_000_i64 })).await;
    for _ in 0..2 {
        token.get("/users/me").await.expect_status(200);
        app.clock.advance(THRESHOLD - TimeDelta::minutes(1));
        let owner = seen_owner(&app).await;
        assert_eq!(run(&app).await.changed, 0);
        assert_eq!(status(&owner, "robot").await, "active");
    }
}

/// The calls of a run for one user: the query that finds the user, the read that decides, the transaction.
const BEFORE_THE_WRITE: [Fault; 3] = [Fault::None, Fault::None, Fault::Hold];
const BEFORE_THE_READ: [Fault; 2] = [Fault::None, Fault::Hold];

/// Lets `ada` use a token while the run is held.
async fn use_while_held(faults: impl IntoIterator<Item = Fault>) {
    let (app, owner, _) = with_unseen_user().await;
    let token = owner.create_token_for("ada", json!({ "lifetime": 3_600_000_000_000_i64 })).await;
    app.faults.script(faults);
    let (report_of_run, used) = app.faults.interleave(run(&app), token.get("/users/me")).await;
    assert_eq!(used.expect_status(200).text_at("/status"), "active");
    assert_eq!(report_of_run, report(1, 0, 1));
    assert_eq!(status(&owner, "ada").await, "active");
}

#[tokio::test]
async fn a_user_seen_during_the_run_stays_active() {
    use_while_held(BEFORE_THE_READ).await;
    use_while_held(BEFORE_THE_WRITE).await;
}

#[tokio::test]
async fn a_user_suspended_or_deleted_during_the_run_stays_so() {
    for (path, expected) in [("/users/ada/status/suspend", "suspended"), ("/users/ada", "active")] {
        let (app, owner, _) = with_unseen_user().await;
        let id = user(&owner, "ada").await["id"].as_str().unwrap_or_default().to_owned();
        app.faults.script(BEFORE_THE_WRITE);
        let meanwhile = async {
            if path.ends_with("suspend") { owner.put(path, Value::Null).await } else { owner.delete(path).await }
        };
        let (report_of_run, meanwhile) = app.faults.interleave(run(&app), meanwhile).await;
        meanwhile.expect_status(200);
        assert_eq!(report_of_run, report(1, 0, 1), "{path}");
        assert_eq!(status(&owner, &id).await, expected, "{path}");
    }
}

#[tokio::test]
async fn a_login_overtaken_by_a_run_activates_the_user() {
    let (app, owner, _) = with_unseen_user().await;
    app.faults.script([Fault::None, Fault::Hold]);
    let (login, report_of_run) = app.faults.interleave(app.login("ada@example.com", PASSWORD), run(&app)).await;
    assert_eq!(report_of_run, report(1, 1, 0));
    let ada = owner.with_token(login.expect_status(201).text_at("/session_token"));
    assert_eq!(status(&owner, "ada").await, "active");
    ada.get("/users/me").await.expect_status(200);
    assert_eq!(run(&app).await, report(0, 0, 0));
}

#[tokio::test]
async fn a_session_created_during_the_run_works() {
    let (app, owner, _) = with_unseen_user().await;
    app.faults.script(BEFORE_THE_WRITE);
    // The login of an active user does not count as seen, the first request does (docs/api/dormancy.md#being-seen).
    let (_, ada) = app.faults.interleave(run(&app), app.sign_in("ada")).await;
    assert_eq!(ada.get("/users/me").await.expect_status(200).text_at("/status"), "active");
    assert_eq!(status(&owner, "ada").await, "active");
    assert_eq!(run(&app).await, report(0, 0, 0));
}

#[tokio::test]
async fn only_one_of_two_concurrent_runs_changes_a_user() {
    let (app, owner, _) = with_unseen_user().await;
    app.faults.script(BEFORE_THE_WRITE);
    let (held, other) = app.faults.interleave(run(&app), run(&app)).await;
    assert_eq!((held, other), (report(1, 0, 1), report(1, 1, 0)));
    assert_eq!(status(&owner, "ada").await, "dormant");
}

/// A deployment with an owner who was just seen and three active users who were never seen.
async fn with_three_due_users() -> (TestApp, Actor) {
    let (app, _) = TestApp::with_owner().await;
    let owner = seen_owner(&app).await;
    for name in ["ada", "bob", "eve"] {
        create_active(&owner, name).await;
    }
    (app, owner)
}

#[tokio::test]
async fn the_next_run_finishes_a_failed_run() {
    let (app, owner) = with_three_due_users().await;
    let one_user = [Fault::None; 3];
    app.faults.script(one_user.into_iter().chain([Fault::Throttle; 4]));
    app.app.dormancy.run().await.expect_err("the database is too busy");
    let dormant = owner.get("/users?q=status:dormant").await.expect_status(200);
    assert_eq!(dormant.json()["count"], 1);
    assert_eq!(run(&app).await, report(2, 2, 0));
}

#[tokio::test]
async fn an_unreadable_user_does_not_stop_the_run() {
    let (app, owner) = with_three_due_users().await;
    let bob = user(&owner, "bob").await["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    app.corrupt_item(&format!("USER#{}", ShortId::of(bob).as_str()), "PROFILE", "created").await;
    assert_eq!(run(&app).await, DormancyReport { unreadable: 1, ..report(3, 2, 0) });
    for name in ["ada", "eve"] {
        assert_eq!(status(&owner, name).await, "dormant", "{name}");
    }
}

#[tokio::test]
async fn the_scheduled_event_runs_the_job_and_returns_the_counts() {
    let (app, owner, _) = with_unseen_user().await;
    let event: Value =
        serde_json::from_str(include_str!("../../infra/events/dormancy.json")).expect("the event is JSON");
    let answer = roster_dormancy::run(&app.app, event).await.expect("the run succeeds");
    assert_eq!(answer, json!({ "due": 1, "changed": 1, "skipped": 0, "unreadable": 0 }));
    assert_eq!(status(&owner, "ada").await, "dormant");
}

#[tokio::test]
async fn an_event_that_is_not_scheduled_runs_nothing() {
    let (app, owner, _) = with_unseen_user().await;
    roster_dormancy::run(&app.app, json!("run")).await.expect_err("this is no event");
    assert_eq!(status(&owner, "ada").await, "active");
}
