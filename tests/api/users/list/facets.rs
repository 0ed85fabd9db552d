//! Pages of users with a status or a role, compared with a model that filters all users.

use chrono::TimeDelta;
use roster::clock::Random;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, TestApp};
use serde_json::{Value, json};

use crate::users::imported_user;

/// The number of usernames that the random changes use.
const NAMES: u32 = 8;
const ROLES: [&str; 5] = ["owner", "user-admin", "auditor", "template-admin", "member"];

fn name(random: &Random) -> String {
    format!("user-{}", random.below(NAMES))
}

/// A random change of a user. Many of them are refused, which is fine.
async fn change(app: &TestApp, random: &Random) {
    // The clock may have moved past the end of the last session.
    let owner = app.sign_in("owner").await;
    let name = name(random);
    let path = |what: &str| format!("/users/{name}{what}");
    match random.below(11) {
        8..=10 => {
            let mut body = TestApp::new_user(&name);
            body["email"] = json!(format!("{name}.{}@example.com", random.below(3)));
            body["roles"] = json!([ROLES[random.below(5) as usize]]);
            body["user_status"] = json!(["active", "dormant"][random.below(2) as usize]);
            owner.post("/users", body).await;
        }
        0 => {
            let other = ["User", "USER", "user"][random.below(3) as usize];
            let renamed = json!({ "username": format!("{other}-{}", random.below(NAMES)), "name": "Ada" });
            owner.put(&path("/profile"), renamed).await;
        }
        1 | 2 => {
            let roles: Vec<&str> = ROLES.into_iter().filter(|_| random.below(3) == 0).collect();
            owner.put(&path("/roles"), json!({ "roles": roles })).await;
        }
        3 => drop(owner.put(&path("/status/suspend"), Value::Null).await),
        4 => drop(owner.put(&path("/status/activate"), Value::Null).await),
        5 => drop(owner.delete(&path("")).await),
        6 => {
            let user = owner.get(&path("")).await;
            if user.status == 200 {
                let session = app.login(&user.text_at("/email"), PASSWORD).await;
                if session.status == 201 {
                    // Changes `last_seen_at` and the memberships.
                    let session = owner.with_token(session.text_at("/session_token"));
                    session.get("/users/me").await.expect_status(200);
                    owner.delete(&format!("/organizations/default/members/{name}")).await;
                }
            }
        }
        _ => {
            app.clock.advance(TimeDelta::days(i64::from(random.below(40))));
            app.app.dormancy.run().await.expect("the run succeeds");
        }
    }
}

fn has(user: &Value, query: &str) -> bool {
    match query.split_once(':') {
        Some(("status", status)) => user["status"] == status,
        Some((_, "admin" | "site-manager")) => has(user, "role:owner"),
        Some((_, role)) => user["roles"].as_array().into_iter().flatten().any(|stored| stored["name"] == role),
        None => panic!("no model of {query}"),
    }
}

/// Requests a page and compares it with the filtered users.
async fn assert_page(actor: &Actor, all_users: &[Value], query: &str, (offset, limit): (usize, usize), after: &Value) {
    let after_id = after["id"].as_str().unwrap_or_default();
    let path = format!("/users?q={query}&limit={limit}&offset={offset}&after_id={after_id}");
    let folded = |user: &Value| user["username"].as_str().unwrap_or_default().to_lowercase();
    let matching: Vec<&Value> =
        all_users.iter().filter(|user| has(user, query) && (after.is_null() || folded(user) > folded(after))).collect();
    let page: Vec<&Value> =
        matching.iter().skip(offset).take(if limit == 0 { usize::MAX } else { limit }).copied().collect();
    let count = if page.is_empty() { 0 } else { matching.len() };
    let answer = actor.get(&path).await.expect_status(200);
    assert_eq!(answer.json(), json!({ "users": page, "count": count }), "{path}");
}

#[tokio::test]
async fn pages_by_status_and_role_match_the_model_after_random_changes() {
    let random = Random::from_seed(15);
    let (app, _) = TestApp::with_owner().await;
    let mut met = 0;
    for round in 0..12 {
        for _ in 0..10 {
            change(&app, &random).await;
        }
        let owner = app.sign_in("owner").await;
        owner.get("/users/me").await.expect_status(200);
        app.assert_consistent().await;
        // A process that has not loaded the user index; in every other round it loads the index first.
        let actor = Actor::anonymous(app.another_process().await).with_token(owner.token());
        if round % 2 == 0 {
            actor.get("/users?q=a").await.expect_status(200);
        }
        let all_users = actor.get("/users").await.expect_status(200).json();
        let all_users = all_users["users"].as_array().expect("a list of users");
        for query in [
            "status:active",
            "status:dormant",
            "status:suspended",
            "role:owner",
            "role:admin",
            "role:site-manager",
            "role:user-admin",
            "role:auditor",
            "role:template-admin",
            "role:unknown",
        ] {
            let window = (random.below(3) as usize, random.below(4) as usize);
            let after = &all_users[random.below(u32::try_from(all_users.len()).expect("few users")) as usize];
            met += all_users.iter().filter(|user| has(user, query)).count();
            assert_page(&actor, all_users, query, (0, 0), &Value::Null).await;
            assert_page(&actor, all_users, query, window, &Value::Null).await;
            assert_page(&actor, all_users, query, window, after).await;
        }
    }
    assert!(met > 80, "too few users match: {met}");
}

#[tokio::test]
async fn the_cost_of_a_first_page_by_status_or_role_does_not_grow() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    let mut costs = Vec::new();
    for size in [20_u128, 400] {
        let before = costs.len() as u128;
        let users: Vec<_> = (0..size).map(|number| imported_user(before * 1_000 + number)).collect();
        app.import_users(&users).expect("users can be imported");
        // A process that has not loaded the user index.
        let cold = Actor::anonymous(app.another_process().await).with_token(owner.token());
        for query in ["status:dormant", "status:suspended", "role:owner"] {
            let answer = cold.get(&format!("/users?limit=5&q={query}")).await.expect_status(200);
            costs.push((query, answer.cost()));
        }
    }
    let (few, many) = costs.split_at(3);
    assert_eq!(few, many);
    assert!(few.iter().all(|(_, cost)| cost.trips == 2 && cost.calls == 3 && cost.read_units <= 5.0), "{few:?}");
}

#[tokio::test]
async fn a_query_for_a_role_accepts_any_text() {
    let (_app, owner) = TestApp::with_owner().await;
    for role in ["x".repeat(3_000), "%F0%9F%98%80".to_owned(), "%22%22".to_owned(), ",".to_owned()] {
        let answer = owner.get(&format!("/users?q=role:{role}")).await.expect_status(200);
        // An empty value matches every user.
        let expected = u64::from(role == "%22%22");
        assert_eq!(answer.json()["count"], expected, "{role}");
    }
}

#[tokio::test]
async fn suspended_and_deleted_users_are_cursors_of_pages_by_status() {
    let (app, owner) = TestApp::with_owner().await;
    for name in ["ada", "bob", "eve", "zoe"] {
        app.create_user(&owner, name).await;
    }
    let id = async |name: &str| owner.get(&format!("/users/{name}")).await.expect_status(200).text_at("/id");
    let (suspended, deleted) = (id("bob").await, id("eve").await);
    owner.put(&format!("/users/{suspended}/status/suspend"), Value::Null).await.expect_status(200);
    owner.delete(&format!("/users/{deleted}")).await.expect_status(200);
    for (cursor, count) in [(&suspended, 1), (&deleted, 1)] {
        // A process that has not loaded the user index, and one that has.
        let cold = Actor::anonymous(app.another_process().await).with_token(owner.token());
        for actor in [&cold, &owner] {
            let path = format!("/users?q=status:dormant&after_id={cursor}");
            let found = actor.get(&path).await.expect_status(200);
            assert_eq!((found.text_at("/users/0/username").as_str(), &found.json()["count"]), ("zoe", &json!(count)));
            owner.get("/users?q=o").await.expect_status(200);
        }
    }
}
