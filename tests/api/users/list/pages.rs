//! `GET /users`: order and pages.

use roster::domain::user::User;
use roster_tests::TestApp;
use serde_json::json;

use super::{assert_page, id_of, list, page, populate, ten};
use crate::users::{NIL, UNKNOWN, imported_user};

#[tokio::test]
async fn the_list_shows_complete_users_sorted_by_lower_case_username() {
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
async fn limit_offset_and_cursor_select_a_page_and_the_count_stays() {
    let (_app, owner) = ten().await;
    let (fifth, last) = (id_of(&owner, "u5").await, id_of(&owner, "u9").await);
    let all_names = "owner U1 u2 u3 u4 u5 U6 U7 u8 u9";
    let cases = [
        (String::new(), all_names, 10),
        ("limit=0".to_owned(), all_names, 10),
        ("limit=&offset=&after_id=&q=".to_owned(), all_names, 10),
        ("limit=2147483647&offset=0".to_owned(), all_names, 10),
        (format!("after_id={NIL}"), all_names, 10),
        ("foo=bar&limit=%2B02".to_owned(), "owner U1", 10),
        ("limit=1".to_owned(), "owner", 10),
        ("limit=10".to_owned(), all_names, 10),
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
async fn limit_offset_and_cursor_select_a_page_of_filtered_users() {
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
async fn paging_by_cursor_and_by_offset_shows_each_user_once_in_one_order() {
    let (app, owner) = TestApp::with_owner().await;
    let users: Vec<User> = (0..50).rev().map(imported_user).collect();
    let in_capitals = |user: User| User { username: user.username.to_uppercase(), ..user };
    let (mixed, rest) = users.split_at(25);
    let users: Vec<User> = mixed.iter().cloned().map(in_capitals).chain(rest.iter().cloned()).collect();
    app.import_users(&users).expect("users can be imported");
    // Answered from the table, from a listing, and from the user index, which the first cursor or search loads.
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
async fn the_cursor_may_be_a_user_that_the_list_omits() {
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
async fn an_unknown_cursor_gives_an_empty_page() {
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
