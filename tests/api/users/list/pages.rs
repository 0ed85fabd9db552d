//! `GET /users`: the order, and how pages are cut.

use roster::domain::user::User;
use roster_tests::TestApp;
use serde_json::json;

use super::{assert_page, id_of, list, page, populate, ten};
use crate::users::{NIL, UNKNOWN, imported_user};

#[tokio::test]
async fn the_list_shows_whole_users_in_the_order_of_their_lower_cased_names() {
    let (_app, owner) = TestApp::with_owner().await;
    populate(&owner, &["Zoe", "ada-2", "Bob", "ada", "1st", "ADA1"]).await;
    let answer = list(&owner, "").await;
    assert_eq!(page(&answer), ("1st ada ada-2 ADA1 Bob owner Zoe".to_owned(), 7));
    let body = answer.json();
    for user in body["users"].as_array().expect("a list") {
        let id = user["id"].as_str().expect("an id");
        assert_eq!(owner.get(&format!("/users/{id}")).await.expect_status(200).json(), *user);
    }
}

#[tokio::test]
async fn pages_are_cut_by_limit_offset_and_cursor_and_the_count_ignores_the_cut() {
    let (_app, owner) = ten().await;
    let (fifth, last) = (id_of(&owner, "u5").await, id_of(&owner, "u9").await);
    let everybody = "owner U1 u2 u3 u4 u5 U6 U7 u8 u9";
    let cases = [
        (String::new(), everybody, 10),
        ("limit=0".to_owned(), everybody, 10),
        ("limit=&offset=&after_id=&q=".to_owned(), everybody, 10),
        ("limit=2147483647&offset=0".to_owned(), everybody, 10),
        (format!("after_id={NIL}"), everybody, 10),
        ("foo=bar&limit=%2B02".to_owned(), "owner U1", 10),
        ("limit=1".to_owned(), "owner", 10),
        ("limit=10".to_owned(), everybody, 10),
        ("limit=1&offset=1".to_owned(), "U1", 10),
        ("offset=1".to_owned(), "U1 u2 u3 u4 u5 U6 U7 u8 u9", 10),
        ("offset=8".to_owned(), "u8 u9", 10),
        ("offset=%2B08".to_owned(), "u8 u9", 10),
        ("offset=08".to_owned(), "u8 u9", 10),
        ("offset=10".to_owned(), "", 0),
        ("offset=11".to_owned(), "", 0),
        ("offset=11&limit=5".to_owned(), "", 0),
        ("offset=2147483647&limit=2147483647".to_owned(), "", 0),
        (format!("after_id={fifth}"), "U6 U7 u8 u9", 4),
        (format!("after_id={}", fifth.to_uppercase()), "U6 U7 u8 u9", 4),
        (format!("after_id={fifth}&limit=2"), "U6 U7", 4),
        (format!("after_id={fifth}&limit=2&offset=1"), "U7 u8", 4),
        (format!("after_id={fifth}&offset=4"), "", 0),
        (format!("after_id={last}"), "", 0),
        (format!("after_id={last}&limit=3"), "", 0),
    ];
    for (query, names, count) in cases {
        assert_page(&owner, &query, names, count).await;
    }
}

#[tokio::test]
async fn pages_of_filtered_users_are_cut_alike() {
    let (_app, owner) = ten().await;
    let fifth = id_of(&owner, "u5").await;
    let cases = [
        ("q=u".to_owned(), "U1 u2 u3 u4 u5 U6 U7 u8 u9", 9),
        ("q=u&limit=2".to_owned(), "U1 u2", 9),
        ("q=u&limit=2&offset=8".to_owned(), "u9", 9),
        ("q=u&offset=9".to_owned(), "", 0),
        (format!("q=u&after_id={fifth}&limit=1&offset=1"), "U7", 4),
        (format!("q=role:owner&after_id={fifth}"), "", 0),
    ];
    for (query, names, count) in cases {
        assert_page(&owner, &query, names, count).await;
    }
}

#[tokio::test]
async fn turning_pages_of_51_by_cursor_or_by_offset_shows_everybody_once_in_the_same_order() {
    let (app, owner) = TestApp::with_owner().await;
    let users: Vec<User> = (0..50).rev().map(imported_user).collect();
    let in_capitals = |user: User| User { username: user.username.to_uppercase(), ..user };
    let (mixed, rest) = users.split_at(25);
    let users: Vec<User> = mixed.iter().cloned().map(in_capitals).chain(rest.iter().cloned()).collect();
    app.import_users(&users).expect("users can be imported");
    // By the table alone, by the list of a group, and by memory, which is loaded for the first cursor and search.
    for (filter, expected) in [("", 51), ("status:dormant", 50), ("@example.com", 51), ("user", 50)] {
        let (all, count) = page(&list(&owner, &format!("q={filter}")).await);
        assert_eq!(count, expected, "{filter}");
        let names: Vec<String> = all.split(' ').map(str::to_lowercase).collect();
        assert!(names.is_sorted() && names.len() as u64 == expected, "{all}");
        for limit in [3, 5, 7, 10] {
            let (mut by_cursor, mut by_offset, mut cursor) = (Vec::new(), Vec::new(), String::new());
            for offset in (0..count).step_by(limit) {
                let (names, total) = page(&list(&owner, &format!("q={filter}&limit={limit}&offset={offset}")).await);
                assert_eq!(total, count);
                by_offset.push(names);
                let next = list(&owner, &format!("q={filter}&limit={limit}&after_id={cursor}")).await;
                let (names, left) = page(&next);
                assert_eq!(left, count - offset);
                let last = next.json()["users"].as_array().and_then(|users| users.last().cloned());
                cursor = last.map(|user| user["id"].as_str().unwrap_or_default().to_owned()).unwrap_or_default();
                by_cursor.push(names);
            }
            assert_eq!((by_cursor.join(" "), by_offset.join(" ")), (all.clone(), all.clone()), "{filter} {limit}");
        }
    }
}

#[tokio::test]
async fn the_cursor_may_be_somebody_whom_the_list_does_not_show() {
    let (_app, owner) = ten().await;
    let suspended = id_of(&owner, "u4").await;
    owner.call(http::Method::PUT, "/users/u4/status/suspend", None).await.expect_status(200);
    let deleted = id_of(&owner, "u5").await;
    owner.delete("/users/u5").await.expect_status(200);
    assert_page(&owner, &format!("after_id={suspended}"), "U6 U7 u8 u9", 4).await;
    assert_page(&owner, &format!("after_id={suspended}&q=status:dormant"), "U6 U7 u8 u9", 4).await;
    for query in ["", "&limit=2", "&q=u&limit=2"] {
        let names = if query.is_empty() { "U6 U7 u8 u9" } else { "U6 U7" };
        assert_page(&owner, &format!("after_id={deleted}{query}"), names, 4).await;
    }
}

#[tokio::test]
async fn after_a_cursor_that_is_nobody_comes_nobody() {
    let (_app, owner) = ten().await;
    for query in ["", "&limit=3", "&q=u"] {
        let answer = list(&owner, &format!("after_id={UNKNOWN}{query}")).await;
        assert_eq!(answer.json(), json!({ "users": [], "count": 0 }));
    }
}

#[tokio::test]
async fn the_count_follows_creation_deletion_and_renaming() {
    let (app, owner) = TestApp::with_owner().await;
    populate(&owner, &["ada", "bob"]).await;
    assert_page(&owner, "limit=1", "ada", 3).await;
    let id = id_of(&owner, "ada").await;
    for _ in 0..2 {
        owner.delete(&format!("/users/{id}")).await.expect_status(200);
    }
    owner.put("/users/bob/profile", json!({ "username": "zoe" })).await.expect_status(200);
    owner.post("/users", TestApp::new_user("owner")).await.expect_status(409);
    assert_page(&owner, "limit=1", "owner", 2).await;
    app.create_user(&owner, "ada").await;
    assert_page(&owner, "limit=1", "ada", 3).await;
    assert_page(&owner, "", "ada owner zoe", 3).await;
}
