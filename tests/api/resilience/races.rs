//! Races of many requests for the same name or email address: one succeeds, and its items exist once.

use http::Method;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

use super::{added, assert_counted, item_keys, items_of};

/// The number of concurrent requests.
const RACERS: usize = 50;

/// Starts all requests at once. Asserts that one gets `status` and all others 409, and returns the one answer.
async fn assert_one_succeeds<F>(contenders: impl IntoIterator<Item = F>, status: u16) -> Answer
where
    F: Future<Output = Answer> + Send + 'static,
{
    let contenders: Vec<_> = contenders.into_iter().map(tokio::spawn).collect();
    let mut winners = Vec::new();
    for contender in contenders {
        let answer = contender.await.expect("no request panics");
        if answer.status == 409 {
            continue;
        }
        winners.push(answer.expect_status(status));
    }
    assert_eq!(winners.len(), 1);
    winners.remove(0)
}

/// Concurrent requests, each with a path and a body of its own.
fn race(
    actor: &Actor,
    method: &Method,
    path: impl Fn(usize) -> String,
    body: impl Fn(usize) -> Value,
) -> Vec<impl Future<Output = Answer> + Send + 'static> {
    let racers = (0..RACERS).map(|index| (actor.clone(), method.clone(), path(index), body(index)));
    racers.map(|(actor, method, path, body)| async move { actor.call(method, &path, Some(body)).await }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_many_new_users_with_one_email_address_is_created() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    let body = |index| {
        let mut user = TestApp::new_user(&format!("racer-{index}"));
        user["email"] = json!(if index % 2 == 0 { "racer@example.com" } else { "Racer@Example.com" });
        user
    };
    let winner = assert_one_succeeds(race(&owner, &Method::POST, |_| "/users".to_owned(), body), 201).await;
    assert_eq!(added(&before, &item_keys(&app).await), items_of(&winner.json()));
    assert_counted(&app, &owner).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_many_new_users_with_one_name_in_any_case_is_created() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    let body = |index: usize| {
        let letter = |(position, letter): (usize, char)| {
            if index >> position & 1 == 1 { letter.to_ascii_uppercase() } else { letter }
        };
        let mut user = TestApp::new_user(&format!("racer-{index}"));
        user["username"] = json!("racecar".chars().enumerate().map(letter).collect::<String>());
        user
    };
    let winner = assert_one_succeeds(race(&owner, &Method::POST, |_| "/users".to_owned(), body), 201).await;
    assert_eq!(added(&before, &item_keys(&app).await), items_of(&winner.json()));
    assert_counted(&app, &owner).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_many_first_users_is_created() {
    let app = TestApp::start().await;
    let body = |index| {
        let name = format!("racer-{index}");
        json!({ "email": format!("{name}@example.com"), "username": name, "password": PASSWORD })
    };
    let racers = race(&app.anonymous(), &Method::POST, |_| "/users/first".to_owned(), body);
    let winner = assert_one_succeeds(racers, 201).await;
    let organization = winner.text_at("/organization_id");
    let name = item_keys(&app).await.iter().find_map(|key| key.strip_prefix("DIRECTORY / ").map(str::to_owned));
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
    // Of the login above.
    expected.insert(format!("EMAIL#{name}@example.com / ATTEMPTS"));
    assert_eq!(item_keys(&app).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_many_renames_to_one_name_succeeds() {
    let (app, owner) = TestApp::with_owner().await;
    for index in 0..RACERS {
        app.create_user(&owner, &format!("racer-{index}")).await;
    }
    let before = item_keys(&app).await;
    let path = |index| format!("/users/racer-{index}/profile");
    let body = |index| json!({ "username": if index % 2 == 0 { "winner" } else { "WINNER" }, "name": "" });
    let winner = assert_one_succeeds(race(&owner, &Method::PUT, path, body), 200).await;
    let email = winner.text_at("/email");
    let old_name = email.strip_suffix("@example.com").expect("the address has the old name");
    let mut expected = before;
    for list in ["DIRECTORY", "DIRECTORY#STATUS#dormant"] {
        assert!(expected.remove(&format!("{list} / {old_name}")), "{old_name}");
        expected.insert(format!("{list} / winner"));
    }
    assert_eq!(item_keys(&app).await, expected);
    assert_counted(&app, &owner).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_one_of_many_tokens_with_one_name_is_created() {
    let (app, owner) = TestApp::with_owner().await;
    let before = item_keys(&app).await;
    let path = |_| "/users/me/keys/tokens".to_owned();
    let winner = assert_one_succeeds(race(&owner, &Method::POST, path, |_| json!({ "token_name": "ci" })), 201).await;
    let winner = owner.with_token(winner.text_at("/key"));
    let added: Vec<String> = added(&before, &item_keys(&app).await).into_iter().collect();
    let [key, name] = added.as_slice() else { panic!("{added:?}") };
    assert!(key.ends_with(&format!(" / KEY#{}", winner.key_id())), "{key}");
    assert!(name.ends_with(" / TOKEN_NAME#=ci"), "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_concurrent_new_users_are_all_created_and_counted() {
    let (app, owner) = TestApp::with_owner().await;
    let body = |index| TestApp::new_user(&format!("user-{index}"));
    let users = race(&owner, &Method::POST, |_| "/users".to_owned(), body);
    let users: Vec<_> = users.into_iter().map(tokio::spawn).collect();
    for user in users {
        user.await.expect("no request panics").expect_status(201);
    }
    assert_eq!(owner.get("/users?limit=1").await.expect_status(200).json()["count"], RACERS + 1);
    assert_counted(&app, &owner).await;
}
