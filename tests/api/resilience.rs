//! Concurrent requests and faults of the database: every change is applied completely or not at all.

mod authz_precondition;
mod faults;
mod overtaken;
mod races;

use std::collections::BTreeSet;

use roster::auth::token::ShortId;
use roster_tests::{Actor, TestApp};
use serde_json::Value;

fn is_counter(key: &str) -> bool {
    key.starts_with("DIRECTORY / #COUNT#")
}

/// The keys of all items but the counters, whose number depends on ids.
async fn item_keys(app: &TestApp) -> BTreeSet<String> {
    app.item_keys().await.into_iter().filter(|key| !is_counter(key)).collect()
}

fn added(before: &BTreeSet<String>, after: &BTreeSet<String>) -> BTreeSet<String> {
    assert!(before.is_subset(after), "gone: {:?}", before.difference(after));
    after.difference(before).cloned().collect()
}

/// The keys of the items of a user with a password, without counters.
fn items_of(user: &Value) -> BTreeSet<String> {
    let text = |name: &str| user[name].as_str().expect("a user has an id and names").to_lowercase();
    let id = text("id").parse().expect("an id is a UUID");
    let partition = format!("USER#{}", ShortId::of(id).as_str());
    let own = ["GIT_SSH_KEY", "PASSWORD", "PROFILE"].map(|sort| format!("{partition} / {sort}"));
    let (name, email) = (text("username"), text("email"));
    let (local, domain) = email.split_once('@').expect("an address has an @");
    let backwards: String = local.chars().rev().collect();
    let roles = user["roles"].as_array().into_iter().flatten().filter_map(|role| role["name"].as_str());
    let claims = [
        format!("DIRECTORY / {name}"),
        format!("DIRECTORY#STATUS#{} / {name}", text("status")),
        format!("DIRECTORY#EMAIL / {domain}@{backwards}"),
        format!("EMAIL#{email} / CLAIM"),
    ];
    let lists = roles.map(|role| format!("DIRECTORY#ROLE#{role} / {name}"));
    own.into_iter().chain(claims).chain(lists).collect()
}

/// Asserts that the count of the list equals the number of its users, and that the table is consistent.
async fn assert_counted(app: &TestApp, owner: &Actor) {
    app.assert_consistent().await;
    let listed = item_keys(app).await.into_iter().filter(|key| key.starts_with("DIRECTORY / ")).count();
    let page = owner.get("/users?limit=1").await.expect_status(200);
    assert_eq!(page.json()["count"], listed, "{}", page.text);
}

/// A deployment whose owner has used the session, so that later requests make no calls to record a use.
async fn with_used_session() -> (TestApp, Actor) {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    (app, owner)
}
