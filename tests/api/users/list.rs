//! `GET /users`: order, pages, visibility and queries. The query language has unit tests of its own.

mod addresses;
mod facets;
mod index;
mod pages;
mod query;
mod visibility;

use roster_tests::{Actor, Answer, TestApp};
use serde_json::json;

use crate::cases::cases;

async fn list(actor: &Actor, query: &str) -> Answer {
    actor.get(&format!("/users?{query}")).await.expect_status(200)
}

/// The usernames of a page, joined by spaces, and the count.
#[track_caller]
fn page(answer: &Answer) -> (String, u64) {
    let body = answer.json();
    let users = body["users"].as_array().expect("a list");
    let names: Vec<&str> = users.iter().filter_map(|user| user["username"].as_str()).collect();
    (names.join(" "), body["count"].as_u64().expect("a count"))
}

async fn assert_page(actor: &Actor, query: &str, names: &str, count: u64) {
    assert_eq!(page(&list(actor, query).await), (names.to_owned(), count), "{query}");
}

/// Creates users with the login type `none`, which saves the password hashes.
async fn populate(owner: &Actor, names: &[&str]) {
    for name in names {
        owner.create_user_with(name, json!({ "password": null, "login_type": "none" })).await;
    }
}

async fn id_of(owner: &Actor, name: &str) -> String {
    owner.get(&format!("/users/{name}")).await.expect_status(200).text_at("/id")
}

/// A deployment of ten users: `owner`, who sorts first, and `u1` to `u9`.
async fn ten() -> (TestApp, Actor) {
    let (app, owner) = TestApp::with_owner().await;
    populate(&owner, &["u5", "U1", "u9", "u3", "U7", "u2", "u8", "u4", "U6"]).await;
    (app, owner)
}

cases! {
    an_owner_reads_a_page_of_a_filtered_list: owner GET "/users?q=status:active&limit=1" => 200;
    a_member_lists_only_themselves: member GET "/users" => 200;
    an_unknown_status_in_a_query_is_refused: owner GET "/users?q=status:nobody" => 400;
    an_unknown_key_in_a_query_is_refused: owner GET "/users?q=foo:bar" => 400;
    a_negative_limit_is_refused: owner GET "/users?limit=-1" => 400;
    an_offset_that_is_not_a_number_is_refused: owner GET "/users?offset=x" => 400;
    a_cursor_that_is_not_an_id_is_refused: owner GET "/users?after_id=me" => 400;
    a_list_without_a_token_is_refused: anonymous GET "/users" => 401;
}
