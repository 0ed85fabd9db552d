//! A search for text with an `@` reads only the items of email addresses, and finds the same users as a filter.

use std::fmt::Write;

use roster::clock::Random;
use roster::domain::user::User;
use roster_tests::{Actor, TestApp};
use serde_json::Value;

use crate::users::imported_user;

fn pick<'a>(random: &Random, choices: &[&'a str]) -> &'a str {
    choices[random.below(u32::try_from(choices.len()).expect("few choices")) as usize]
}

/// Email addresses that contain one another in many ways.
fn address(random: &Random, number: usize) -> String {
    let local: String = (0..=random.below(3)).map(|_| pick(random, &["a", "b", "é", "+"])).collect();
    let domain = pick(random, &["a.b", "a.bc", "a.b.c", "a-a.b", "aa.b", "b.a.b", "A.B", "ab.ba", "a.bb-c.d", "é.b"]);
    match number % 10 {
        0 => format!("\"{local}@{}\"@{domain}", pick(random, &["a", "a.b", "@"])),
        1 => format!("{local}{}@{domain}", "a".repeat(random.below(1_200) as usize)),
        2 => format!("{local}@{}.b", "a".repeat(random.below(1_200) as usize + 1)),
        _ => format!("{local}{number}@{domain}"),
    }
}

/// A part of an email address around an `@`.
fn piece(random: &Random, addresses: &[String]) -> String {
    let address = &addresses[random.below(u32::try_from(addresses.len()).expect("few addresses")) as usize];
    let chars: Vec<char> = address.chars().filter(|char| *char != '"').collect();
    let at = chars.iter().position(|char| *char == '@').expect("an address has an @");
    let before = random.below(u32::try_from(at.min(40) + 1).expect("a short text")) as usize;
    let rest = chars.len() - at - 1;
    let after = random.below(u32::try_from(rest.min(40) + 1).expect("a short text")) as usize;
    chars[at - before..=at + after].iter().collect()
}

#[tokio::test]
async fn a_part_of_an_email_address_finds_the_same_users_as_a_filter() {
    let (app, owner) = TestApp::with_owner().await;
    let random = Random::from_seed(4);
    let mut addresses: Vec<String> = (0..300).map(|number| address(&random, number)).collect();
    addresses.sort_by_key(|address| address.to_lowercase());
    addresses.dedup_by_key(|address| address.to_lowercase());
    let users: Vec<User> = addresses
        .iter()
        .zip(0..)
        .map(|(email, number)| User { email: email.clone(), ..imported_user(number) })
        .collect();
    app.import_users(&users).expect("users can be imported");
    let ask = async |actor: &Actor, q: &str| {
        let escaped = q.bytes().fold(String::new(), |mut escaped, byte| {
            let _infallible = write!(escaped, "%{byte:02X}");
            escaped
        });
        let answer = actor.get(&format!("/users?q={escaped}")).await.expect_status(200);
        let list = answer.json();
        let found = list["users"].as_array().into_iter().flatten().filter_map(|user| user["email"].as_str());
        let found: Vec<&str> = found.collect();
        let folded = q.to_lowercase();
        // The username of the owner sorts before the imported ones.
        let all_emails = std::iter::once("owner@example.com").chain(users.iter().map(|user| user.email.as_str()));
        let expected: Vec<&str> = all_emails.filter(|email| email.to_lowercase().contains(&folded)).collect();
        assert!(found == expected, "{q}: {} and not {}", found.len(), expected.len());
        answer.cost()
    };
    for _ in 0..250 {
        ask(&owner, &piece(&random, &addresses)).await;
    }
    // A whole address is found without the user index, which the first other search loads.
    let cold = Actor::anonymous(app.another_process().await).with_token(owner.token());
    let whole = addresses.iter().filter(|address| address.len() < 800 && !address.contains('"'));
    for address in whole.step_by(3) {
        ask(&cold, address).await;
    }
    assert!(ask(&cold, "no-such-person").await.calls > 12);
}

#[tokio::test]
async fn the_cost_of_a_whole_email_address_does_not_grow_with_the_users() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    let mut costs = Vec::new();
    for size in [20_u128, 2_000] {
        let users: Vec<User> = (0..size).map(imported_user).collect();
        app.import_users(&users).expect("users can be imported");
        let cold = Actor::anonymous(app.another_process().await).with_token(owner.token());
        let answer = cold.get("/users?q=User-0007@Example.com").await.expect_status(200);
        assert_eq!(
            (answer.text_at("/users/0/username").as_str(), &answer.json()["count"]),
            ("user-0007", &Value::from(1))
        );
        costs.push(answer.cost());
    }
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0].trips == 3 && costs[0].read_units <= 7.0, "{:?}", costs[0]);
}

#[tokio::test]
async fn a_quoted_email_address_is_found_by_its_quoted_text() {
    let (app, owner) = TestApp::with_owner().await;
    let quoted = ["\"a b\"@ex.com", "\"a: b@c\"@ex.com"];
    let users =
        quoted.iter().zip(0..).map(|(email, number)| User { email: (*email).to_owned(), ..imported_user(number) });
    app.import_users(&users.collect::<Vec<_>>()).expect("users can be imported");
    let cold = Actor::anonymous(app.another_process().await).with_token(owner.token());
    owner.get("/users?q=unknown").await.expect_status(200);
    for actor in [&cold, &owner] {
        for (q, email) in [
            ("%22a%20b%22@ex.com", quoted[0]),
            ("%22A%20B%22@EX.com", quoted[0]),
            ("%22a:%20b@c%22@ex.com", quoted[1]),
            ("%22a%20b%22", quoted[0]),
        ] {
            let list = actor.get(&format!("/users?q={q}")).await.expect_status(200);
            assert_eq!(
                (list.text_at("/users/0/email").as_str(), &list.json()["count"]),
                (email, &Value::from(1)),
                "{q}"
            );
        }
    }
}

#[tokio::test]
async fn an_email_address_finds_a_renamed_user_but_no_deleted_one() {
    let (_app, owner, id) = TestApp::with_user("ada").await;
    let found = async |q: &str| {
        let list = owner.get(&format!("/users?q={q}")).await.expect_status(200).json();
        list["users"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|user| user["username"].as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let renamed = serde_json::json!({ "username": "countess" });
    owner.put(&format!("/users/{id}/profile"), renamed).await.expect_status(200);
    assert_eq!(found("ada@example.com").await, ["countess"]);
    assert_eq!(found("ada@example.com+status:dormant").await, ["countess"]);
    assert_eq!(found("ada@example.com+status:active").await, [""; 0]);
    assert_eq!(found("ada@example.co").await, ["countess"]);
    assert_eq!(found("da@e").await, ["countess"]);
    assert_eq!(found("ada@example.com.").await, [""; 0]);
    owner.delete(&format!("/users/{id}")).await.expect_status(200);
    assert_eq!(found("ada@example.com").await, [""; 0]);
}
