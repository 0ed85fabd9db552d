//! Many at once, and trouble on the way to the database: whatever happens, a change is whole or it is not there.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use http::Method;
use roster::auth::token::ShortId;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, Fault, TestApp};
use serde_json::{Value, json};

/// How many do the same thing at once.
const RACERS: usize = 50;

fn is_counter(place: &str) -> bool {
    place.starts_with("DIRECTORY / #COUNT#")
}

/// The places of all items but the counters, of which there are as many as ids happen to need.
async fn places(app: &TestApp) -> BTreeSet<String> {
    app.places().await.into_iter().filter(|place| !is_counter(place)).collect()
}

fn added(before: &BTreeSet<String>, after: &BTreeSet<String>) -> BTreeSet<String> {
    assert!(before.is_subset(after), "gone: {:?}", before.difference(after));
    after.difference(before).cloned().collect()
}

/// Where a user with a password lies, counters aside.
fn items_of(user: &Value) -> BTreeSet<String> {
    let text = |name: &str| user[name].as_str().expect("a user has an id and names").to_lowercase();
    let id = text("id").parse().expect("an id is a UUID");
    let partition = format!("USER#{}", ShortId::of(id).as_str());
    let own = ["GIT_SSH_KEY", "PASSWORD", "PROFILE"].map(|sort| format!("{partition} / {sort}"));
    let claims = [format!("DIRECTORY / {}", text("username")), format!("EMAIL#{} / CLAIM", text("email"))];
    own.into_iter().chain(claims).collect()
}

/// The count that the list shows is the number of users in it.
async fn assert_counted(app: &TestApp, owner: &Actor) {
    let listed = places(app).await.into_iter().filter(|place| place.starts_with("DIRECTORY / ")).count();
    let page = owner.get("/users?limit=1").await.expect_status(200);
    assert_eq!(page.json()["count"], listed, "{}", page.text);
}

/// Lets everybody begin at once; one gets `status`, all others 409. Returns the one answer.
async fn one_wins<F>(contenders: impl IntoIterator<Item = F>, status: u16) -> Answer
where
    F: Future<Output = Answer> + Send + 'static,
{
    let contenders: Vec<_> = contenders.into_iter().map(tokio::spawn).collect();
    let mut winners = Vec::new();
    for contender in contenders {
        let answer = contender.await.expect("nobody panics");
        if answer.status == 409 {
            continue;
        }
        winners.push(answer.expect_status(status));
    }
    assert_eq!(winners.len(), 1);
    winners.remove(0)
}

/// Everybody asks for the same with a body of his own.
fn everybody(
    actor: &Actor,
    method: &Method,
    path: impl Fn(usize) -> String,
    body: impl Fn(usize) -> Value,
) -> Vec<impl Future<Output = Answer> + Send + 'static> {
    let racers = (0..RACERS).map(|index| (actor.clone(), method.clone(), path(index), body(index)));
    racers.map(|(actor, method, path, body)| async move { actor.call(method, &path, Some(body)).await }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_new_users_with_one_address_one_is_created() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    let body = |index| {
        let mut user = TestApp::new_user(&format!("racer-{index}"));
        user["email"] = json!(if index % 2 == 0 { "racer@example.com" } else { "Racer@Example.com" });
        user
    };
    let winner = one_wins(everybody(&owner, &Method::POST, |_| "/users".to_owned(), body), 201).await;
    assert_eq!(added(&before, &places(&app).await), items_of(&winner.json()));
    assert_counted(&app, &owner).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_new_users_whose_names_differ_by_case_alone_one_is_created() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    let body = |index: usize| {
        let letter = |(position, letter): (usize, char)| {
            if index >> position & 1 == 1 { letter.to_ascii_uppercase() } else { letter }
        };
        let mut user = TestApp::new_user(&format!("racer-{index}"));
        user["username"] = json!("racecar".chars().enumerate().map(letter).collect::<String>());
        user
    };
    let winner = one_wins(everybody(&owner, &Method::POST, |_| "/users".to_owned(), body), 201).await;
    assert_eq!(added(&before, &places(&app).await), items_of(&winner.json()));
    assert_counted(&app, &owner).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_first_users_one_is_created() {
    let app = TestApp::start().await;
    let body = |index| {
        let name = format!("racer-{index}");
        json!({ "email": format!("{name}@example.com"), "username": name, "password": PASSWORD })
    };
    let racers = everybody(&app.anonymous(), &Method::POST, |_| "/users/first".to_owned(), body);
    let winner = one_wins(racers, 201).await;
    let organization = winner.text_at("/organization_id");
    let name = places(&app).await.iter().find_map(|place| place.strip_prefix("DIRECTORY / ").map(str::to_owned));
    let name = name.expect("there is a user");
    let owner = app.sign_in(&name).await;
    let me = owner.get("/users/me").await.expect_status(200);
    assert_eq!(
        (me.text_at("/id"), me.text_at("/organization_ids/0")),
        (winner.text_at("/user_id"), organization.clone())
    );
    owner.post("/users/logout", Value::Null).await.expect_status(200);
    let mut expected = items_of(&me.json());
    expected.extend(["FIRST_USER", "OWNERS", "DEFAULT_ORGANIZATION"].map(|sort| format!("DEPLOYMENT / {sort}")));
    expected.extend([format!("ORGANIZATION#{organization} / PROFILE"), "ORGANIZATION_NAME#coder / CLAIM".to_owned()]);
    assert_eq!(places(&app).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_users_who_are_renamed_alike_one_gets_the_name() {
    let (app, owner) = TestApp::with_owner().await;
    for index in 0..RACERS {
        app.create_user(&owner, &format!("racer-{index}")).await;
    }
    let before = places(&app).await;
    let path = |index| format!("/users/racer-{index}/profile");
    let body = |index| json!({ "username": if index % 2 == 0 { "winner" } else { "WINNER" }, "name": "" });
    let winner = one_wins(everybody(&owner, &Method::PUT, path, body), 200).await;
    let email = winner.text_at("/email");
    let old_name = email.strip_suffix("@example.com").expect("the address has the old name");
    let mut expected = before;
    assert!(expected.remove(&format!("DIRECTORY / {old_name}")), "{old_name}");
    expected.insert("DIRECTORY / winner".to_owned());
    assert_eq!(places(&app).await, expected);
    assert_counted(&app, &owner).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_tokens_of_one_name_one_is_created() {
    let (app, owner) = TestApp::with_owner().await;
    let before = places(&app).await;
    let path = |_| "/users/me/keys/tokens".to_owned();
    let winner = one_wins(everybody(&owner, &Method::POST, path, |_| json!({ "token_name": "ci" })), 201).await;
    let winner = owner.with_token(winner.text_at("/key"));
    let added: Vec<String> = added(&before, &places(&app).await).into_iter().collect();
    let [key, name] = added.as_slice() else { panic!("{added:?}") };
    assert!(key.ends_with(&format!(" / KEY#{}", winner.key_id())), "{key}");
    assert!(name.ends_with(" / TOKEN_NAME#=ci"), "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_new_users_at_once_are_all_created_and_counted() {
    let (app, owner) = TestApp::with_owner().await;
    let body = |index| TestApp::new_user(&format!("user-{index}"));
    let users = everybody(&owner, &Method::POST, |_| "/users".to_owned(), body);
    let users: Vec<_> = users.into_iter().map(tokio::spawn).collect();
    for user in users {
        user.await.expect("nobody panics").expect_status(201);
    }
    assert_eq!(owner.get("/users?limit=1").await.expect_status(200).json()["count"], RACERS + 1);
    assert_counted(&app, &owner).await;
}

/// A deployment whose owner has a settled session, so that requests make the calls that they are about and no others.
async fn settled() -> (TestApp, Actor) {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    (app, owner)
}

const READ: &str = "BatchGetItem";
const WRITE: &str = "TransactWriteItems";

fn operations(app: &TestApp) -> Vec<String> {
    app.faults.history().into_iter().map(|(operation, _)| operation).collect()
}

/// Creates a user in this trouble; it must succeed with these calls, and there is one such user afterwards.
async fn assert_created(faults: impl IntoIterator<Item = Fault>, calls: &[&str]) {
    let (app, owner) = settled().await;
    let before = places(&app).await;
    app.faults.script(faults);
    let answer = owner.post("/users", TestApp::new_user("ada")).await.expect_status(201);
    assert_eq!(operations(&app), calls);
    assert_eq!(added(&before, &places(&app).await), items_of(&answer.json()));
    assert_counted(&app, &owner).await;
}

/// Signs a dormant user in, in this trouble; it must succeed with these calls, and there is one session afterwards.
async fn assert_signed_in(faults: impl IntoIterator<Item = Fault>, calls: &[&str]) {
    let (app, owner) = settled().await;
    app.create_user(&owner, "ada").await;
    let before = places(&app).await;
    app.faults.script(faults);
    let ada = app.sign_in("ada").await;
    assert_eq!(operations(&app), calls);
    let added: Vec<String> = added(&before, &places(&app).await).into_iter().collect();
    assert_eq!(added.len(), 1, "{added:?}");
    assert!(added[0].ends_with(&format!(" / KEY#{}", ada.key_id())), "{added:?}");
    assert_eq!(ada.get("/users/me").await.expect_status(200).text_at("/status"), "active");
}

#[tokio::test]
async fn a_throttled_call_is_tried_again() {
    assert_created([Fault::Throttle], &[READ, READ, WRITE]).await;
    assert_created([Fault::None, Fault::Throttle], &[READ, WRITE, WRITE]).await;
    assert_signed_in([Fault::Throttle], &[READ, READ, WRITE]).await;
    assert_signed_in([Fault::None, Fault::Throttle], &[READ, WRITE, WRITE]).await;
}

#[tokio::test]
async fn a_transaction_that_meets_another_is_tried_again() {
    let conflicts = [Fault::None, Fault::Conflict, Fault::Conflict];
    assert_created(conflicts, &[READ, WRITE, WRITE, WRITE]).await;
    assert_signed_in(conflicts, &[READ, WRITE, WRITE, WRITE]).await;
}

#[tokio::test]
async fn a_transaction_whose_answer_was_lost_is_not_applied_twice() {
    let lost = [Fault::None, Fault::LostAnswer];
    assert_created(lost, &[READ, WRITE, WRITE]).await;
    assert_signed_in(lost, &[READ, WRITE, WRITE]).await;
}

#[tokio::test]
async fn a_transaction_whose_answer_was_lost_is_recognised_after_other_trouble_too() {
    let lost = [Fault::None, Fault::Conflict, Fault::LostAnswer, Fault::Conflict, Fault::Throttle];
    assert_created(lost, &[READ, WRITE, WRITE, WRITE, WRITE, WRITE]).await;
}

#[tokio::test]
async fn a_read_whose_answer_was_lost_is_tried_again() {
    assert_created([Fault::LostAnswer], &[READ, READ, WRITE]).await;
    assert_signed_in([Fault::LostAnswer], &[READ, READ, WRITE]).await;
}

#[tokio::test]
async fn a_late_answer_is_waited_for() {
    assert_created([Fault::Delay, Fault::Delay], &[READ, WRITE]).await;
    assert_signed_in([Fault::Delay, Fault::Delay], &[READ, WRITE]).await;
}

#[tokio::test]
async fn keys_of_a_batch_that_were_left_out_are_asked_for_again() {
    assert_created([Fault::UnprocessedKeys], &[READ, READ, WRITE]).await;
}

/// As often as one call is sent, whatever happens.
const ATTEMPTS: usize = 4;

#[tokio::test]
async fn too_much_throttling_is_said_with_the_time_to_wait_and_nothing_is_written() {
    let (app, owner) = settled().await;
    app.create_user(&owner, "ada").await;
    let before = places(&app).await;
    for spared in [0, 1] {
        let script = || std::iter::repeat_n(Fault::None, spared).chain([Fault::Throttle; ATTEMPTS]);
        app.faults.script(script());
        let created = owner.post("/users", TestApp::new_user("bob")).await;
        app.faults.script(script());
        let login = app.login("ada@example.com", PASSWORD).await;
        for answer in [created, login] {
            assert_eq!((answer.status.as_u16(), answer.header("retry-after").as_str()), (503, "2"), "{}", answer.text);
            assert!(!answer.text_at("/message").is_empty(), "{}", answer.text);
        }
        assert_eq!(operations(&app).len(), spared + ATTEMPTS);
        assert_eq!(places(&app).await, before);
    }
    assert_counted(&app, &owner).await;
}

#[tokio::test]
async fn too_many_conflicts_are_said_with_the_time_to_wait_and_nothing_is_written() {
    let (app, owner) = settled().await;
    let before = places(&app).await;
    app.faults.script(std::iter::once(Fault::None).chain([Fault::Conflict; 8]));
    let answer = owner.post("/users", TestApp::new_user("ada")).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after").as_str()), (503, "2"), "{}", answer.text);
    assert_eq!(places(&app).await, before);
}

/// Whoever keeps the directory in memory looks back for a minute: no change may arrive later than that.
#[tokio::test]
async fn a_change_that_could_not_be_committed_in_time_is_given_up() {
    let (app, owner) = settled().await;
    let before = places(&app).await;
    app.clock.tick(TimeDelta::seconds(41));
    app.faults.script([Fault::None, Fault::Conflict]);
    let answer = owner.post("/users", TestApp::new_user("ada")).await;
    assert_eq!((answer.status.as_u16(), answer.header("retry-after").as_str()), (503, "2"), "{}", answer.text);
    assert_eq!(operations(&app), [READ, WRITE]);
    assert_eq!(places(&app).await, before);
}

/// Whether everything that makes a user is there; panics when a part of it is.
fn is_whole(added: &BTreeSet<String>, username: &str) -> bool {
    if added.is_empty() {
        return false;
    }
    let claims = [format!("DIRECTORY / {username}"), format!("EMAIL#{username}@example.com / CLAIM")];
    assert!(claims.iter().all(|claim| added.contains(claim)), "{added:?}");
    let own: BTreeSet<&str> =
        added.iter().filter_map(|place| place.strip_prefix("USER#")?.split(" / ").next()).collect();
    assert_eq!((own.len(), added.len()), (1, 5), "{added:?}");
    true
}

/// The status of a user as each of the three items has it that tell it.
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

/// Creates users and signs them in, each in the trouble of a seed of its own.
async fn play(seeds: std::ops::Range<u64>) -> Vec<(u16, History)> {
    let (app, owner) = settled().await;
    let mut played = Vec::new();
    for seed in seeds {
        let name = format!("user-{seed}");
        let before = places(&app).await;
        app.faults.seed(seed, 30);
        let answer = owner.post("/users", TestApp::new_user(&name)).await;
        played.push((answer.status.as_u16(), app.faults.history()));
        app.faults.script([]);
        let is_there = is_whole(&added(&before, &places(&app).await), &name);
        assert!([201, 503].contains(&answer.status.as_u16()), "seed {seed}: {}", answer.text);
        assert!(is_there || answer.status == 503, "seed {seed}: {}", answer.text);
        assert_counted(&app, &owner).await;

        if !is_there {
            app.create_user(&owner, &name).await;
        }
        let id = owner.get(&format!("/users/{name}")).await.expect_status(200).text_at("/id");
        let before = places(&app).await;
        app.faults.seed(seed, 30);
        let answer = app.login(&format!("{name}@example.com"), PASSWORD).await;
        played.push((answer.status.as_u16(), app.faults.history()));
        app.faults.script([]);
        let sessions = added(&before, &places(&app).await).len();
        let status = if sessions == 1 { "active" } else { "dormant" };
        assert!(sessions == 1 || (sessions == 0 && answer.status == 503), "seed {seed}: {sessions}: {}", answer.text);
        assert!([201, 503].contains(&answer.status.as_u16()), "seed {seed}: {}", answer.text);
        assert_eq!(statuses(&app, &id, &name).await, BTreeSet::from([status.to_owned()]), "seed {seed}");
    }
    played
}

/// Every seed, some in a deployment and the deployments side by side, since most of it is waiting.
async fn play_all() -> Vec<(u16, History)> {
    let deployments = [0..5, 5..10, 10..15, 15..20].map(|seeds| tokio::spawn(play(seeds)));
    let mut played = Vec::new();
    for deployment in deployments {
        played.extend(deployment.await.expect("nothing is left half done"));
    }
    played
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_trouble_a_change_is_whole_or_not_there_and_a_seed_repeats_it() {
    let (first, second) = tokio::join!(play_all(), play_all());
    assert_eq!(first, second);
    let met: BTreeSet<String> =
        first.iter().flat_map(|(_, history)| history).map(|(_, fault)| format!("{fault:?}")).collect();
    assert!(met.len() >= 6, "the seeds bring too little trouble: {met:?}");
}

/// A user-admin with a settled session.
async fn user_admin(app: &TestApp, owner: &Actor) -> Actor {
    let admin = app.user_with_roles(owner, "admin", &["user-admin"]).await;
    admin.get("/users/me").await.expect_status(200);
    admin
}

/// What an admin asks for, and what happens to him between the read and the write of it.
struct Loss {
    change: (Method, &'static str, Value),
    meanwhile: (Method, &'static str, Value),
    /// The answer when he asks once more.
    afterwards: u16,
}

#[tokio::test]
async fn who_loses_his_standing_between_the_read_and_the_write_changes_nothing() {
    let creation = (Method::POST, "/users", TestApp::new_user("bob"));
    let renaming = (Method::PUT, "/users/ada/profile", json!({ "username": "bob", "name": "" }));
    let suspension = (Method::PUT, "/users/admin/status/suspend", Value::Null);
    let demotion = (Method::PUT, "/users/admin/roles", json!({ "roles": [] }));
    let deletion = (Method::DELETE, "/users/admin", Value::Null);
    let losses = [
        Loss { change: creation.clone(), meanwhile: suspension.clone(), afterwards: 401 },
        Loss { change: creation.clone(), meanwhile: demotion.clone(), afterwards: 403 },
        Loss { change: creation, meanwhile: deletion.clone(), afterwards: 401 },
        Loss { change: renaming.clone(), meanwhile: suspension, afterwards: 401 },
        Loss { change: renaming.clone(), meanwhile: demotion, afterwards: 404 },
        Loss { change: renaming, meanwhile: deletion, afterwards: 401 },
    ];
    for Loss { change: (method, path, body), meanwhile: loss, afterwards } in losses {
        let (app, owner) = settled().await;
        let admin = user_admin(&app, &owner).await;
        app.create_user(&owner, "ada").await;
        app.faults.script([Fault::None, Fault::Hold]);
        let held = admin.call(method.clone(), path, Some(body.clone()));
        let meanwhile = owner.call(loss.0, loss.1, Some(loss.2));
        let (refused, meanwhile) = app.faults.interleave(held, meanwhile).await;
        meanwhile.expect_status(200);
        assert_eq!(refused.status, 409, "{path}, {}: {}", loss.1, refused.text);
        assert!(!places(&app).await.iter().any(|place| place.contains("bob")), "{path}, {}", loss.1);
        assert_eq!(admin.call(method, path, Some(body)).await.status, afterwards, "{path}, {}", loss.1);
    }
}

#[tokio::test]
async fn who_signs_out_between_the_read_and_the_write_changes_nothing() {
    let (app, owner) = settled().await;
    let admin = user_admin(&app, &owner).await;
    app.faults.script([Fault::None, Fault::Hold]);
    let held = admin.post("/users", TestApp::new_user("bob"));
    let (refused, left) = app.faults.interleave(held, admin.post("/users/logout", Value::Null)).await;
    left.expect_status(200);
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(!places(&app).await.iter().any(|place| place.contains("bob")));
    admin.post("/users", TestApp::new_user("bob")).await.expect_status(401);
}

#[tokio::test]
async fn who_loses_his_standing_before_the_read_is_not_let_in() {
    let (app, owner) = settled().await;
    let admin = user_admin(&app, &owner).await;
    let before = places(&app).await;
    app.faults.script([Fault::Hold]);
    let held = admin.post("/users", TestApp::new_user("bob"));
    let suspend = owner.put("/users/admin/status/suspend", Value::Null);
    let (refused, meanwhile) = app.faults.interleave(held, suspend).await;
    meanwhile.expect_status(200);
    refused.expect_status(401);
    assert_eq!(places(&app).await, before);
}

#[tokio::test]
async fn of_two_owners_who_demote_each_other_one_stays() {
    let (app, owner) = settled().await;
    let other = app.user_with_roles(&owner, "other", &["owner"]).await;
    other.get("/users/me").await.expect_status(200);
    app.faults.script([Fault::None, Fault::Hold]);
    let demotion = json!({ "roles": [] });
    let held = owner.put("/users/other/roles", demotion.clone());
    let (refused, demoted) = app.faults.interleave(held, other.put("/users/owner/roles", demotion)).await;
    demoted.expect_status(200);
    // Neither his standing nor the last-owner rule holds; the rule is asked first.
    refused.expect_status(403);
    assert_eq!(other.get("/users/me").await.expect_status(200).text_at("/roles/0/name"), "owner");
}

#[tokio::test]
async fn a_change_that_another_overtakes_is_decided_anew_on_what_the_other_left() {
    let (app, owner) = settled().await;
    app.create_user(&owner, "ada").await;
    app.faults.script([Fault::None, Fault::Hold]);
    let held = owner.put("/users/ada/roles", json!({ "roles": ["auditor"] }));
    let renamed = owner.put("/users/ada/profile", json!({ "username": "lovelace", "name": "Ada" }));
    let (promoted, renamed) = app.faults.interleave(held, renamed).await;
    renamed.expect_status(200);
    promoted.expect_status(200);
    let ada = owner.get("/users/lovelace").await.expect_status(200);
    assert_eq!((ada.text_at("/roles/0/name"), ada.text_at("/name")), ("auditor".to_owned(), "Ada".to_owned()));
    assert_counted(&app, &owner).await;
}
