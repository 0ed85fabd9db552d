//! The job that makes long unseen users dormant (docs/api/dormancy.md#dormancy-job), and what brings them back
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

/// A user who is active and was never seen.
async fn create_active(owner: &Actor, name: &str) {
    let mut user = TestApp::new_user(name);
    user["user_status"] = json!("active");
    owner.post("/users", user).await.expect_status(201);
}

/// An active user who was just seen.
async fn create_seen(app: &TestApp, owner: &Actor, name: &str) -> Actor {
    let actor = app.user_with_roles(owner, name, &[]).await;
    actor.get("/users/me").await.expect_status(200);
    actor
}

/// A deployment with `ada`, seen longer ago than the threshold, and an owner who is there.
async fn long_after() -> (TestApp, Actor, Actor) {
    let (app, _) = TestApp::with_owner().await;
    let owner = app.sign_in("owner").await;
    let ada = create_seen(&app, &owner, "ada").await;
    app.clock.advance(THRESHOLD + TimeDelta::minutes(1));
    let owner = present_owner(&app).await;
    (app, owner, ada)
}

/// The owner, seen just now.
async fn present_owner(app: &TestApp) -> Actor {
    let owner = app.sign_in("owner").await;
    owner.get("/users/me").await.expect_status(200);
    owner
}

#[tokio::test]
async fn who_was_not_seen_for_longer_than_the_threshold_becomes_dormant_and_nobody_else() {
    let (app, owner) = TestApp::with_owner().await;
    create_seen(&app, &owner, "long-ago").await;
    app.clock.advance(TimeDelta::hours(12));
    create_seen(&app, &owner, "half-a-day-later").await;
    app.clock.advance(THRESHOLD - TimeDelta::hours(6));
    let owner = present_owner(&app).await;
    create_seen(&app, &owner, "just-now").await;
    assert_eq!(run(&app).await, report(1, 1, 0));
    let expected =
        [("long-ago", "dormant"), ("half-a-day-later", "active"), ("just-now", "active"), ("owner", "active")];
    for (name, expected) in expected {
        assert_eq!(status(&owner, name).await, expected, "{name}");
    }
}

#[tokio::test]
async fn the_threshold_itself_is_not_too_long_and_a_microsecond_more_is() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    let seen = owner.get("/users/me").await.expect_status(200).micros_at("/last_seen_at");
    // The clock moves by a microsecond whenever somebody looks: this look is one, the run's is the next.
    let next_look = app.clock.now().micros() + 1;
    app.clock.advance(TimeDelta::microseconds(seen - next_look) + THRESHOLD);
    assert_eq!(run(&app).await, report(0, 0, 0));
    assert_eq!(run(&app).await, report(1, 1, 0));
}

#[tokio::test]
async fn an_active_user_who_was_never_seen_becomes_dormant_however_young_the_account() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    create_active(&owner, "ada").await;
    assert_eq!(run(&app).await, report(1, 1, 0));
    let ada = user(&owner, "ada").await;
    assert_eq!((ada["status"].as_str(), ada["last_seen_at"].as_str()), (Some("dormant"), Some(NEVER)));
}

#[tokio::test]
async fn a_user_whom_an_administrator_activated_and_nobody_saw_becomes_dormant_again() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    app.create_user(&owner, "ada").await;
    assert_eq!(run(&app).await, report(0, 0, 0));
    owner.put("/users/ada/status/activate", Value::Null).await.expect_status(200);
    assert_eq!(run(&app).await, report(1, 1, 0));
    assert_eq!(status(&owner, "ada").await, "dormant");
}

#[tokio::test]
async fn owners_and_service_accounts_are_no_exception() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    let robot = json!({
        "username": "robot", "service_account": true, "user_status": "active",
        "organization_ids": ["00000000-0000-0000-0000-000000000000"],
    });
    owner.post("/users", robot).await.expect_status(201);
    app.clock.advance(THRESHOLD + TimeDelta::minutes(1));
    assert_eq!(run(&app).await, report(2, 2, 0));
    // The owner keeps the role, and comes back by signing in.
    let owner = app.sign_in("owner").await;
    assert_eq!(status(&owner, "robot").await, "dormant");
}

#[tokio::test]
async fn suspended_dormant_and_deleted_users_are_left_alone() {
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
    let (app, owner, _) = long_after().await;
    assert_eq!(run(&app).await, report(1, 1, 0));
    let once = user(&owner, "ada").await;
    assert_eq!(run(&app).await, report(0, 0, 0));
    assert_eq!(user(&owner, "ada").await, once);
}

#[tokio::test]
async fn becoming_dormant_moves_the_time_of_change_and_nothing_else() {
    let (app, owner, _) = long_after().await;
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
async fn the_list_and_its_filter_know_at_once() {
    let (app, owner, _) = long_after().await;
    run(&app).await;
    let dormant = owner.get("/users?q=status:dormant").await.expect_status(200);
    assert_eq!((dormant.json()["count"].as_u64(), dormant.text_at("/users/0/username")), (Some(1), "ada".to_owned()));
}

#[tokio::test]
async fn the_threshold_is_a_setting() {
    let app = TestApp::with(&[("ROSTER_DORMANCY_THRESHOLD", "1h")]).await;
    let owner = app.set_up().await;
    owner.get("/users/me").await.expect_status(200);
    app.clock.advance(TimeDelta::minutes(59));
    assert_eq!(run(&app).await, report(0, 0, 0));
    app.clock.advance(TimeDelta::minutes(2));
    assert_eq!(run(&app).await, report(1, 1, 0));
}

#[tokio::test]
async fn signing_in_brings_a_dormant_user_back() {
    let (app, owner, _) = long_after().await;
    run(&app).await;
    let before = owner.get("/users/ada").await.expect_status(200).micros_at("/last_seen_at");
    app.sign_in("ada").await;
    let ada = owner.get("/users/ada").await.expect_status(200);
    assert_eq!(ada.text_at("/status"), "active");
    assert!(ada.micros_at("/last_seen_at") > before + THRESHOLD.num_microseconds().unwrap_or_default());
    assert_eq!(run(&app).await, report(0, 0, 0));
}

#[tokio::test]
async fn a_refused_login_leaves_a_dormant_user_as_he_is() {
    let (app, owner, _) = long_after().await;
    run(&app).await;
    app.login("ada@example.com", "NotThePassword!").await.expect_status(401);
    assert_eq!(status(&owner, "ada").await, "dormant");
}

#[tokio::test]
async fn using_a_token_brings_a_dormant_user_back_before_the_request_is_answered() {
    let (app, owner, _) = long_after().await;
    let token = owner.create_token_for("ada", json!({ "lifetime": 3_600_000_000_000_i64 })).await;
    run(&app).await;
    let me = token.get("/users/me").await.expect_status(200);
    assert_eq!(me.text_at("/status"), "active");
    assert_eq!(user(&owner, "ada").await["status"], "active");
    assert_eq!(run(&app).await, report(0, 0, 0));
}

#[tokio::test]
async fn a_user_who_only_uses_tokens_is_seen() {
    let (app, owner) = TestApp::with_owner().await;
    create_active(&owner, "robot").await;
    let token = owner.create_token_for("robot", json!({ "lifetime": 200 * 24 * 3_600_000_000_000_i64 })).await;
    for _ in 0..2 {
        token.get("/users/me").await.expect_status(200);
        app.clock.advance(THRESHOLD - TimeDelta::minutes(1));
        let owner = present_owner(&app).await;
        assert_eq!(run(&app).await.changed, 0);
        assert_eq!(status(&owner, "robot").await, "active");
    }
}

/// The calls of a run about one user: the query that finds him, the read that decides, the transaction.
const BEFORE_THE_WRITE: [Fault; 3] = [Fault::None, Fault::None, Fault::Hold];
const BEFORE_THE_READ: [Fault; 2] = [Fault::None, Fault::Hold];

/// Lets `ada` use a token of hers while the run waits there.
async fn use_while_held(faults: impl IntoIterator<Item = Fault>) {
    let (app, owner, _) = long_after().await;
    let token = owner.create_token_for("ada", json!({ "lifetime": 3_600_000_000_000_i64 })).await;
    app.faults.script(faults);
    let (report_of_run, used) = app.faults.interleave(run(&app), token.get("/users/me")).await;
    assert_eq!(used.expect_status(200).text_at("/status"), "active");
    assert_eq!(report_of_run, report(1, 0, 1));
    assert_eq!(status(&owner, "ada").await, "active");
}

#[tokio::test]
async fn who_is_seen_while_the_run_is_under_way_stays_active() {
    use_while_held(BEFORE_THE_READ).await;
    use_while_held(BEFORE_THE_WRITE).await;
}

#[tokio::test]
async fn who_is_suspended_or_deleted_while_the_run_is_under_way_stays_so() {
    for (path, expected) in [("/users/ada/status/suspend", "suspended"), ("/users/ada", "active")] {
        let (app, owner, _) = long_after().await;
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
async fn a_login_that_a_run_overtakes_wakes_the_user_it_found_active() {
    let (app, owner, _) = long_after().await;
    app.faults.script([Fault::None, Fault::Hold]);
    let (login, report_of_run) = app.faults.interleave(app.login("ada@example.com", PASSWORD), run(&app)).await;
    assert_eq!(report_of_run, report(1, 1, 0));
    let ada = owner.with_token(login.expect_status(201).text_at("/session_token"));
    assert_eq!(status(&owner, "ada").await, "active");
    ada.get("/users/me").await.expect_status(200);
    assert_eq!(run(&app).await, report(0, 0, 0));
}

#[tokio::test]
async fn a_session_that_began_while_the_run_was_under_way_works() {
    let (app, owner, _) = long_after().await;
    app.faults.script(BEFORE_THE_WRITE);
    // Signing in to an active account is not being seen (docs/api/dormancy.md#being-seen); the first request is.
    let (_, ada) = app.faults.interleave(run(&app), app.sign_in("ada")).await;
    assert_eq!(ada.get("/users/me").await.expect_status(200).text_at("/status"), "active");
    assert_eq!(status(&owner, "ada").await, "active");
    assert_eq!(run(&app).await, report(0, 0, 0));
}

#[tokio::test]
async fn of_two_runs_at_once_one_changes_a_user() {
    let (app, owner, _) = long_after().await;
    app.faults.script(BEFORE_THE_WRITE);
    let (held, other) = app.faults.interleave(run(&app), run(&app)).await;
    assert_eq!((held, other), (report(1, 0, 1), report(1, 1, 0)));
    assert_eq!(status(&owner, "ada").await, "dormant");
}

/// A deployment whose owner is there, and three active users whom nobody ever saw.
async fn three_due() -> (TestApp, Actor) {
    let (app, _) = TestApp::with_owner().await;
    let owner = present_owner(&app).await;
    for name in ["ada", "bob", "eve"] {
        create_active(&owner, name).await;
    }
    (app, owner)
}

#[tokio::test]
async fn a_run_that_fails_half_way_is_finished_by_the_next() {
    let (app, owner) = three_due().await;
    let one_user = [Fault::None; 3];
    app.faults.script(one_user.into_iter().chain([Fault::Throttle; 4]));
    app.app.dormancy.run().await.expect_err("the database is too busy");
    let dormant = owner.get("/users?q=status:dormant").await.expect_status(200);
    assert_eq!(dormant.json()["count"], 1);
    assert_eq!(run(&app).await, report(2, 2, 0));
}

#[tokio::test]
async fn a_record_that_nobody_can_read_keeps_nobody_else_active() {
    let (app, owner) = three_due().await;
    let bob = user(&owner, "bob").await["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    app.corrupt_item(&format!("USER#{}", ShortId::of(bob).as_str()), "PROFILE", "created").await;
    assert_eq!(run(&app).await, DormancyReport { unreadable: 1, ..report(3, 2, 0) });
    for name in ["ada", "eve"] {
        assert_eq!(status(&owner, name).await, "dormant", "{name}");
    }
}

#[tokio::test]
async fn the_scheduled_event_runs_the_job_and_gets_the_counts() {
    let (app, owner, _) = long_after().await;
    let event: Value =
        serde_json::from_str(include_str!("../../infra/events/dormancy.json")).expect("the event is JSON");
    let answer = roster_dormancy::run(&app.app, event).await.expect("the run succeeds");
    assert_eq!(answer, json!({ "due": 1, "changed": 1, "skipped": 0, "unreadable": 0 }));
    assert_eq!(status(&owner, "ada").await, "dormant");
}

#[tokio::test]
async fn what_is_no_scheduled_event_runs_nothing() {
    let (app, owner, _) = long_after().await;
    roster_dormancy::run(&app.app, json!("run")).await.expect_err("this is no event");
    assert_eq!(status(&owner, "ada").await, "active");
}
