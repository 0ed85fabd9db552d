//! Filters are answered from the user index in memory, and reflect every change committed before the request.

use chrono::TimeDelta;
use roster::domain::user::User;
use roster_tests::{Actor, Answer, Fault, TestApp};
use serde_json::json;

use crate::users::imported_user;
use uuid::Uuid;

/// The usernames that a query finds, and its count.
async fn found(actor: &Actor, query: &str) -> (Vec<String>, u64) {
    let list = actor.get(&format!("/users?{query}")).await.expect_status(200).json();
    let users = list["users"].as_array().cloned().unwrap_or_default();
    let names = users.iter().filter_map(|user| user["username"].as_str().map(str::to_owned));
    (names.collect(), list["count"].as_u64().expect("a count"))
}

/// A deployment, its owner, and the same owner as a client of another process over the same table.
async fn two_processes() -> (TestApp, Actor, Actor) {
    let (app, owner) = TestApp::with_owner().await;
    let elsewhere = Actor::anonymous(app.another_process().await).with_token(owner.token());
    // Both processes have loaded the user index.
    for actor in [&owner, &elsewhere] {
        assert_eq!(found(actor, "q=ada").await, (Vec::new(), 0));
    }
    (app, owner, elsewhere)
}

#[tokio::test]
async fn a_filter_sees_the_changes_of_another_process() {
    let (app, owner, elsewhere) = two_processes().await;
    let id = app.create_user(&owner, "Ada").await;
    assert_eq!(found(&elsewhere, "q=ada").await, (vec!["Ada".to_owned()], 1));

    let suspend = format!("/users/{id}/status/suspend");
    owner.put(&suspend, json!({})).await.expect_status(200);
    assert_eq!(found(&elsewhere, "q=status:suspended").await, (vec!["Ada".to_owned()], 1));

    owner.put(&format!("/users/{id}/profile"), json!({ "username": "lovelace" })).await.expect_status(200);
    assert_eq!(found(&elsewhere, "q=status:suspended").await, (vec!["lovelace".to_owned()], 1));

    owner.put(&format!("/users/{id}/roles"), json!({ "roles": ["auditor"] })).await.expect_status(200);
    assert_eq!(found(&elsewhere, "q=role:auditor").await, (vec!["lovelace".to_owned()], 1));

    owner.delete(&format!("/users/{id}")).await.expect_status(200);
    assert_eq!(found(&elsewhere, "q=lovelace").await, (Vec::new(), 0));
    assert_eq!(found(&elsewhere, "q=role:auditor").await, (Vec::new(), 0));
}

#[tokio::test]
async fn a_reused_name_finds_the_new_user() {
    let (app, owner, elsewhere) = two_processes().await;
    let first = app.create_user(&owner, "ada").await;
    assert_eq!(found(&elsewhere, "q=ada").await.1, 1);
    owner.put(&format!("/users/{first}/profile"), json!({ "username": "countess" })).await.expect_status(200);
    let second = owner.create_user_with("ada", json!({ "email": "second@example.com" })).await.text_at("/id");
    let list = elsewhere.get("/users?q=second@").await.expect_status(200);
    assert_eq!(list.text_at("/users/0/id"), second);
    // The first user still has the email address that contains `ada`.
    let names = vec!["ada".to_owned(), "countess".to_owned()];
    assert_eq!(found(&elsewhere, "q=ada").await, (names, 2));
}

#[tokio::test]
async fn a_process_that_idled_for_days_reloads_the_index() {
    let (app, owner, elsewhere) = two_processes().await;
    app.create_user(&owner, "ada").await;
    app.clock.advance(TimeDelta::days(3));
    let owner = app.sign_in("owner").await;
    let elsewhere = elsewhere.with_token(owner.token());
    assert_eq!(found(&elsewhere, "q=ada").await, (vec!["ada".to_owned()], 1));
}

/// Suspends the imported users of these numbers.
async fn suspend(owner: &Actor, numbers: std::ops::Range<usize>) {
    for number in numbers {
        owner.put(&format!("/users/user-{number:04}/status/suspend"), json!({})).await.expect_status(200);
    }
}

#[tokio::test]
async fn a_process_that_missed_many_changes_reloads_the_index_once() {
    let (app, owner, elsewhere) = two_processes().await;
    let users: Vec<User> = (0..600).map(imported_user).collect();
    app.import_users(&users).expect("users can be imported");
    let id = Uuid::from_u128(1 << 93);
    for status in ["suspend", "activate"].repeat(260) {
        owner.put(&format!("/users/{id}/status/{status}"), json!({})).await.expect_status(200);
    }
    let cost = async || {
        let answer = elsewhere.get("/users?q=status:suspended+user").await.expect_status(200);
        (answer.json()["count"].clone(), answer.cost().calls)
    };
    // The calls read the caller, the changes, and the only changed user.
    assert_eq!(cost().await, (json!(0), 3));
    suspend(&owner, 2..504).await;
    // All users are loaded in twelve parts instead of 502 single users.
    assert_eq!(cost().await, (json!(502), 14));
    // Reads the users changed during the load. The whole index is not loaded again.
    assert_eq!(cost().await, (json!(502), 9));
    assert_eq!(cost().await, (json!(502), 2));
    app.create_user(&owner, "user-a").await;
    assert_eq!(cost().await, (json!(502), 3));
}

#[tokio::test]
async fn the_index_loads_despite_many_concurrent_changes() {
    let (app, owner) = index_loaded_in_steps().await;
    owner.get("/users?limit=1&q=user-4999").await.expect_status(503);
    app.clock.tick(TimeDelta::microseconds(1));
    suspend(&owner, 0..502).await;
    app.clock.tick(TimeDelta::seconds(12));
    // Two more steps load users and two load changes; one step loads the last users and changes together.
    let (refusals, list) = retry_until_answered(&owner, "limit=1&q=status:suspended+user").await;
    assert_eq!((refusals, &list.json()["count"]), (3, &json!(502)));
}

#[tokio::test]
async fn a_filter_sees_the_caller_as_the_answer_shows_them() {
    let (app, owner, ada) = TestApp::with_actor("ada", &["user-admin"]).await;
    owner.create_user_with("eve", json!({ "roles": ["user-admin"] })).await;
    let eve = owner.create_token_for("eve", json!({})).await;
    ada.get("/users?q=unknown").await.expect_status(200);
    let seen = ada.get("/users/me").await.text_at("/last_seen_at");
    app.clock.advance(TimeDelta::hours(5));
    // The first request of ada in five hours updates `last_seen_at`.
    let (names, count) = found(&ada, &format!("q=last_seen_before:%22{seen}%22+ada")).await;
    assert_eq!((names, count), (Vec::new(), 0));
    app.clock.advance(TimeDelta::hours(5));
    let since = ada.get("/users/me").await.text_at("/last_seen_at");
    app.clock.advance(TimeDelta::hours(5));
    for text in ["ada", "ada@example.com"] {
        app.clock.advance(TimeDelta::hours(5));
        let (names, _) = found(&ada, &format!("q=last_seen_after:%22{since}%22+{text}")).await;
        assert_eq!(names, ["ada"]);
    }
    // This request activates eve.
    let (names, count) = found(&eve, "q=status:active+eve").await;
    assert_eq!((names, count), (vec!["eve".to_owned()], 1));
    assert_eq!(found(&eve, "q=status:dormant").await, (Vec::new(), 0));
}

/// A deployment of 5,001 users. Each reading of the clock passes the deadline to load the user index, so that each
/// request loads one page and three requests load all.
async fn index_loaded_in_steps() -> (TestApp, Actor) {
    let (app, owner) = TestApp::with_owner().await;
    let users: Vec<User> = (0..5_000).map(imported_user).collect();
    app.import_users(&users).expect("users can be imported");
    app.clock.tick(TimeDelta::seconds(12));
    (app, owner)
}

/// Repeats a request until it succeeds. Returns the number of refusals and the answer.
async fn retry_until_answered(actor: &Actor, query: &str) -> (usize, Answer) {
    let mut refusals = 0;
    loop {
        let answer = actor.get(&format!("/users?{query}")).await;
        if answer.status == 200 {
            return (refusals, answer);
        }
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert_eq!(answer.header("retry-after"), "2");
        refusals += 1;
    }
}

#[tokio::test]
async fn several_requests_load_an_index_too_large_for_one() {
    let (app, owner) = index_loaded_in_steps().await;
    let (refusals, list) = retry_until_answered(&owner, "limit=1&q=user-4999").await;
    assert_eq!((refusals, list.text_at("/users/0/username")), (2, "user-4999".to_owned()));
    app.clock.tick(TimeDelta::microseconds(1));
    assert_eq!(found(&owner, "limit=1&q=@example.com").await.1, 5_001);
}

#[tokio::test]
async fn changes_between_two_steps_of_loading_are_in_the_answer() {
    let (app, owner) = index_loaded_in_steps().await;
    owner.get("/users?limit=1&q=unknown").await.expect_status(503);
    // All changed users belong to the page that was already read.
    owner.delete("/users/user-0001").await.expect_status(200);
    owner.put("/users/user-0002/profile", json!({ "username": "countess" })).await.expect_status(200);
    owner.put("/users/user-0003/status/suspend", json!({})).await.expect_status(200);
    app.create_user(&owner, "user-0000a").await;
    let (refusals, list) = retry_until_answered(&owner, "limit=3&q=user-000").await;
    let names = [0, 1, 2].map(|at| list.text_at(&format!("/users/{at}/username")));
    // A rename does not change the email address.
    assert_eq!((refusals, names), (1, ["countess", "user-0000", "user-0000a"].map(str::to_owned)));
    app.clock.tick(TimeDelta::microseconds(1));
    assert_eq!(found(&owner, "q=user-0001").await, (Vec::new(), 0));
    assert_eq!(found(&owner, "q=countess").await, (vec!["countess".to_owned()], 1));
    assert_eq!(found(&owner, "q=status:suspended+user-0").await, (vec!["user-0003".to_owned()], 1));
    assert_eq!(found(&owner, "limit=1&q=@example.com").await.1, 5_001);
}

#[tokio::test]
async fn a_throttled_step_of_loading_loses_nothing() {
    let (app, owner) = index_loaded_in_steps().await;
    owner.get("/users?limit=1&q=user-4999").await.expect_status(503);
    // The caller is read; the page is throttled in every attempt of the SDK.
    app.faults.script([&[Fault::None][..], &[Fault::Throttle; 4]].concat());
    let (refusals, list) = retry_until_answered(&owner, "limit=1&q=user-4999").await;
    assert_eq!((refusals, list.text_at("/users/0/username")), (2, "user-4999".to_owned()));
    let refused = app.faults.history().iter().filter(|(_, fault)| *fault == Fault::Throttle).count();
    assert_eq!(refused, 4);
}

/// Asserts the names and the count of pages around and past the first page of the table.
async fn assert_far_pages(actor: &Actor, group: &str, imported: usize, others: &[&str]) {
    let names = others.iter().map(|name| (*name).to_owned());
    let all: Vec<String> = names.chain((0..imported).map(|number| format!("user-{number:04}"))).collect();
    for (offset, limit) in [(0, 0), (1_990, 10), (1_999, 2), (2_000, 0), (2_200, 3), (all.len() - 1, 5), (all.len(), 5)]
    {
        let end = if limit == 0 { all.len() } else { all.len().min(offset + limit) };
        let expected = all[offset..end].to_vec();
        let count = if expected.is_empty() { 0 } else { all.len() as u64 };
        let answer = found(actor, &format!("q={group}&offset={offset}&limit={limit}")).await;
        assert_eq!(answer, (expected, count), "{group} {offset} {limit}");
    }
}

#[tokio::test]
async fn pages_past_the_first_page_of_the_table_are_exact() {
    let (app, owner) = TestApp::with_owner().await;
    let users: Vec<User> = (0..2_300).map(imported_user).collect();
    app.import_users(&users).expect("users can be imported");
    for (group, others) in [("", &["owner"] as &[&str]), ("status:dormant", &[])] {
        // A process that has not loaded the user index begins with the far pages.
        let cold = Actor::anonymous(app.another_process().await).with_token(owner.token());
        assert_far_pages(&cold, group, 2_300, others).await;
        assert_far_pages(&cold, group, 2_300, others).await;
    }
}

#[tokio::test]
async fn counters_do_not_shorten_a_page() {
    let (app, owner) = TestApp::with_owner().await;
    let counters = async || app.item_keys().await.iter().filter(|key| key.starts_with("DIRECTORY / #COUNT#")).count();
    let (few, mut created) = (counters().await, 0);
    while counters().await < 8 {
        app.create_user(&owner, &format!("person-{created:02}")).await;
        created += 1;
    }
    let users: Vec<User> = (0..300).map(imported_user).collect();
    app.import_users(&users).expect("users can be imported");
    assert_eq!((few, counters().await), (1, 9));
    for limit in [1, 10, 190] {
        let (names, count) = found(&owner, &format!("limit={limit}")).await;
        assert_eq!((names.len(), count), (limit, 301 + created), "{limit}");
    }
}

#[tokio::test]
async fn a_far_page_is_read_from_the_index_and_a_near_one_from_the_table() {
    let (app, owner) = TestApp::with_owner().await;
    let users: Vec<User> = (0..2_300).map(imported_user).collect();
    app.import_users(&users).expect("users can be imported");
    // The first request loads the user index, the second one applies the changed `last_seen_at` of the owner.
    found(&owner, "limit=1&q=unknown").await;
    found(&owner, "limit=1&q=unknown").await;
    for group in ["", "status:dormant"] {
        let cost =
            async |window: &str| owner.get(&format!("/users?q={group}&{window}")).await.expect_status(200).cost();
        let (near, far, all) = (cost("limit=5").await, cost("limit=5&offset=2200").await, cost("").await);
        assert_eq!((near.trips, far.trips, all.trips), (2, 1, 1), "{group}");
        assert!(far.read_units <= 3.0 && all.read_units <= 3.0, "{group}: {far:?} {all:?}");
    }
}

#[tokio::test]
async fn an_offset_past_the_end_of_a_short_list_loads_no_index() {
    let (_app, owner, _) = TestApp::with_user("ada").await;
    for group in ["", "status:dormant"] {
        let path = format!("/users?q={group}&offset=2147483647&limit=2147483647");
        let answer = owner.get(&path).await.expect_status(200);
        assert_eq!(answer.json(), json!({ "users": [], "count": 0 }));
        assert!(answer.cost().calls <= 3, "{group}: {:?}", answer.cost());
    }
}

#[tokio::test]
async fn a_warm_filter_takes_one_trip_and_a_constant_number_of_units() {
    let (app, owner) = TestApp::with_owner().await;
    found(&owner, "q=unknown").await;
    let mut costs = Vec::new();
    for round in 0..2 {
        for user in 0..20 {
            app.create_user(&owner, &format!("user-{round}-{user}")).await;
        }
        // The first request applies the changes; the later ones find none.
        found(&owner, "q=user").await;
        app.clock.advance(TimeDelta::minutes(10));
        found(&owner, "q=user").await;
        let answer = owner.get("/users?limit=5&q=user").await.expect_status(200);
        costs.push((answer.cost().trips, answer.cost().read_units));
    }
    assert_eq!(costs[0].0, 1);
    assert_eq!(costs[0], costs[1]);
}

#[tokio::test]
async fn a_page_after_a_cursor_counts_the_users_behind_it() {
    let (app, owner, ada) = TestApp::with_user("ada").await;
    for name in ["bob", "carol"] {
        app.create_user(&owner, name).await;
    }
    assert_eq!(found(&owner, &format!("limit=1&after_id={ada}")).await, (vec!["bob".to_owned()], 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn list_and_filter_agree_after_concurrent_renames_to_one_name() {
    let (app, owner, elsewhere) = two_processes().await;
    for number in 0..20 {
        app.create_user(&owner, &format!("user-{number:02}")).await;
    }
    let renames = (0..20).map(|number| {
        let owner = owner.clone();
        tokio::spawn(async move {
            let path = format!("/users/user-{number:02}/profile");
            let answer = owner.put(&path, json!({ "username": "winner" })).await;
            (format!("user-{number:02}"), answer.status.as_u16())
        })
    });
    let mut given_up = Vec::new();
    for rename in renames.collect::<Vec<_>>() {
        match rename.await.expect("a rename ends") {
            (name, 200) => given_up.push(name),
            (name, status) => assert_eq!(status, 409, "{name}"),
        }
    }
    assert_eq!(given_up.len(), 1, "{given_up:?}");
    for actor in [&owner, &elsewhere] {
        let (names, count) = found(actor, "limit=0").await;
        assert_eq!((names.len(), count), (21, 21));
        assert_eq!(found(actor, "q=winner").await, (vec!["winner".to_owned()], 1));
        let (by_filter, _) = found(actor, "q=@example.com").await;
        assert_eq!(by_filter, names);
        assert!(!names.contains(&given_up[0]), "{names:?}");
    }
    // The old name is free, but its email address still belongs to the winner.
    let mut body = TestApp::new_user(&given_up[0]);
    body["email"] = json!("next@example.com");
    owner.post("/users", body.clone()).await.expect_status(201);
    body["email"] = json!("after-next@example.com");
    owner.post("/users", body).await.expect_status(409);
}
