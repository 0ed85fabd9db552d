//! `GET /users`: order, pages, what is hidden, and what `q` can ask for. The language itself is tested where it lives.

use chrono::TimeDelta;
use roster::domain::user::User;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::json;

use super::directory::imported_user;
use super::{Cast, NIL, UNKNOWN, assert_invalid, assert_signed_out, organization, with};

async fn list(actor: &Actor, query: &str) -> Answer {
    actor.get(&format!("/users?{query}")).await.expect_status(200)
}

/// The usernames of a page, joined by blanks, and the count beside them.
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

/// Creates users that sign in with nothing, which is cheap.
async fn populate(owner: &Actor, names: &[&str]) {
    for name in names {
        let body = json!({ "password": null, "login_type": "none" });
        owner.post("/users", with(&TestApp::new_user(name), &body)).await.expect_status(201);
    }
}

async fn id_of(owner: &Actor, name: &str) -> String {
    owner.get(&format!("/users/{name}")).await.expect_status(200).text_at("/id")
}

/// A deployment of ten: `u1` to `u9` and, before them, `owner`.
async fn ten() -> (TestApp, Actor) {
    let (app, owner) = TestApp::with_owner().await;
    populate(&owner, &["u5", "U1", "u9", "u3", "U7", "u2", "u8", "u4", "U6"]).await;
    (app, owner)
}

// Order and pages

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

// Who sees whom

#[tokio::test]
async fn a_member_sees_himself_whatever_he_asks() {
    let cast = Cast::assemble().await;
    let (owner_id, own_id) = (id_of(&cast.owner, "owner").await, id_of(&cast.owner, "member").await);
    let auditor_id = id_of(&cast.owner, "auditor").await;
    let cases = [
        (String::new(), "member", 1),
        ("limit=5".to_owned(), "member", 1),
        ("q=e".to_owned(), "member", 1),
        ("q=owner".to_owned(), "", 0),
        ("q=role:owner".to_owned(), "", 0),
        ("offset=1".to_owned(), "", 0),
        (format!("after_id={auditor_id}"), "member", 1),
        (format!("after_id={own_id}"), "", 0),
        (format!("after_id={owner_id}"), "", 0),
    ];
    for (query, names, count) in cases {
        assert_page(&cast.member, &query, names, count).await;
    }
}

#[tokio::test]
async fn who_may_read_every_user_sees_all() {
    let cast = Cast::assemble().await;
    for actor in [&cast.owner, &cast.user_admin, &cast.auditor, &cast.template_admin] {
        assert_page(actor, "", "auditor member owner template-admin user-admin", 5).await;
        assert_page(actor, "q=owner", "owner", 1).await;
    }
    let id = organization(&cast.owner).await;
    let path = format!("/organizations/{id}/members/member/roles");
    for (role, count) in [("organization-user-admin", 5), ("organization-admin", 5), ("organization-auditor", 1)] {
        cast.owner.put(&path, json!({ "roles": [role] })).await.expect_status(200);
        assert_eq!(page(&list(&cast.member, "").await).1, count, "{role}");
    }
}

#[tokio::test]
async fn without_credentials_there_is_no_list_and_no_word_about_the_query() {
    let app = TestApp::start().await;
    app.set_up().await;
    for query in ["", "limit=-1", "q=foo:bar"] {
        let refused = app.anonymous().get(&format!("/users?{query}")).await;
        assert_signed_out(&refused);
        assert!(refused.invalid_fields().is_empty(), "{}", refused.text);
    }
}

#[tokio::test]
async fn a_deleted_user_is_in_no_list() {
    let (_app, owner) = ten().await;
    let id = id_of(&owner, "u5").await;
    owner.delete("/users/u5").await.expect_status(200);
    assert_page(&owner, "q=u5", "", 0).await;
    assert_page(&owner, &format!("q={id}"), "", 0).await;
    assert_page(&owner, "offset=5", "U6 U7 u8 u9", 9).await;
}

// The query

/// Users who differ in everything that can be asked for, each created an hour after the one before.
async fn motley() -> (TestApp, Actor) {
    let (app, owner) = TestApp::with_owner().await;
    let users = [
        json!({ "username": "ada", "email": "countess@math.example", "name": "Ada Lovelace", "roles": ["auditor"],
                "user_status": "active", "password": PASSWORD }),
        json!({ "username": "Bob", "email": "bob@math.example", "name": "Bob the Ada", "login_type": "none" }),
        json!({ "username": "cyd", "email": "cyd@example.com", "user_status": "suspended", "password": PASSWORD }),
        json!({ "username": "dan", "email": "dan@example.com", "user_status": "active", "login_type": "github" }),
        json!({ "username": "robot", "service_account": true }),
    ];
    for user in users {
        app.clock.advance(TimeDelta::hours(1));
        owner.post("/users", with(&user, &json!({ "organization_ids": [NIL] }))).await.expect_status(201);
    }
    (app, owner)
}

#[tokio::test]
async fn the_query_finds_users_by_all_that_it_knows() {
    let (_app, owner) = motley().await;
    let everybody = "ada Bob cyd dan owner robot";
    let cases = [
        ("ADA", "ada"),
        ("math.EXAMPLE", "ada Bob"),
        ("search:countess", "ada"),
        ("search:countess%20name:ada", "ada"),
        ("search:bob%20name:lovelace", ""),
        ("lovelace", ""),
        ("name:ada", "ada Bob"),
        ("name:%22the%20ada%22", "Bob"),
        ("status:suspended", "cyd"),
        ("STATUS:Active,suspended", "ada cyd dan owner"),
        ("status:dormant%20status:suspended", "Bob cyd robot"),
        ("role:auditor,owner", "ada owner"),
        ("role:member", everybody),
        ("role:nonsense", ""),
        ("login_type:none", "Bob robot"),
        ("login_type:none%20login_type:github", "Bob dan robot"),
        ("service_account:true", "robot"),
        ("service_account:0", "ada Bob cyd dan owner"),
        ("created_after:%222026-07-01T02:00:00Z%22", "Bob cyd dan robot"),
        ("created_before:%222026-07-01T03:00:00%2B01:00%22", "ada owner"),
        ("last_seen_after:%222020-01-01T00:00:00Z%22", "owner"),
        ("last_seen_before:%222020-01-01T00:00:00Z%22", "ada Bob cyd dan robot"),
        ("created_after:%222026-07-01T02:00:00Z%22%20created_before:%222026-07-01T04:30:00%2B01:00%22", "Bob cyd"),
        (
            "last_seen_after:%222026-07-01T01:00:00%2B01:00%22%20last_seen_before:%222027-01-01T01:00:00%2B01:00%22",
            "owner",
        ),
        ("last_seen_after:%222026-12-31T01:00:00%2B01:00%22%20last_seen_before:%222027-01-01T01:00:00%2B01:00%22", ""),
        ("role:auditor%20status:suspended", ""),
        ("prebuilds", ""),
        ("github_com_user_id:7", ""),
        ("a%20status:active%20role:auditor%20login_type:password%20name:love", "ada"),
        ("%20%20", everybody),
        ("%25", ""),
        ("o_ner", ""),
    ];
    for (query, names) in cases {
        let count = names.split_whitespace().count() as u64;
        assert_page(&owner, &format!("q={query}"), names, count).await;
    }
    assert_page(&owner, "q=ada&q=foo:bar", "ada", 1).await;
    assert_page(&owner, "q=&q=foo:bar", everybody, 6).await;
    // Both bounds belong to the window.
    let created = owner.get("/users/cyd").await.expect_status(200).text_at("/created_at");
    let window = format!("q=created_after:%22{created}%22%20created_before:%22{created}%22");
    assert_page(&owner, &window, "cyd", 1).await;
}

#[tokio::test]
async fn what_changes_about_a_user_is_found_at_once() {
    let (_app, owner) = motley().await;
    owner.put("/users/dan/roles", json!({ "roles": ["user-admin"] })).await.expect_status(200);
    owner.call(http::Method::PUT, "/users/cyd/status/activate", None).await.expect_status(200);
    owner.put("/users/Bob/profile", json!({ "username": "rob", "name": "Robert" })).await.expect_status(200);
    assert_page(&owner, "q=role:user-admin", "dan", 1).await;
    assert_page(&owner, "q=status:suspended", "", 0).await;
    assert_page(&owner, "q=name:robert", "rob", 1).await;
    assert_page(&owner, "q=name:%22the%20ada%22", "", 0).await;
}

#[tokio::test]
async fn what_the_query_gets_wrong_is_named_by_key() {
    let (_app, owner) = TestApp::with_owner().await;
    let cases: [(&str, &[&str]); 14] = [
        ("username:x", &["username"]),
        ("status:inactive", &["status"]),
        ("status:active,", &["status"]),
        ("login_type:magic", &["login_type"]),
        ("service_account:maybe", &["service_account"]),
        ("created_after:%222023-01-01%22", &["created_after"]),
        ("created_after:2023-01-01T00:00:00Z", &["q"]),
        ("github_com_user_id:x", &["github_com_user_id"]),
        (":x", &["q"]),
        ("status:", &["q"]),
        ("search:a:b", &["q"]),
        ("search:foo%20bar", &["search"]),
        ("name:a%20name:b", &["name"]),
        ("status:nope%20created_before:x%20foo:bar", &["created_before", "foo", "status"]),
    ];
    for (query, fields) in cases {
        let refused = owner.get(&format!("/users?q={query}")).await.expect_status(400);
        let mut named = refused.invalid_fields();
        named.sort();
        assert_eq!(named, fields, "{query}: {}", refused.text);
        assert!(!refused.text_at("/message").is_empty(), "{}", refused.text);
        for (index, _) in fields.iter().enumerate() {
            assert!(!refused.text_at(&format!("/validations/{index}/detail")).is_empty(), "{}", refused.text);
        }
    }
}

#[tokio::test]
async fn bad_page_parameters_are_named_together_after_the_query() {
    let (_app, owner) = TestApp::with_owner().await;
    let id = id_of(&owner, "owner").await;
    let (short, long) = (format!("after_id={}", &id[1..]), format!("after_id={id}0"));
    let (twice, braced) = (format!("after_id={id}&after_id={id}"), format!("after_id=x{}y", id.replace('-', "")));
    let cases: [(&str, &[&str]); 16] = [
        (&twice, &["after_id"]),
        (&braced, &["after_id"]),
        ("offset=1&offset=1", &["offset"]),
        ("limit=-1", &["limit"]),
        ("limit=ten", &["limit"]),
        ("limit=1.0", &["limit"]),
        ("limit=2147483648", &["limit"]),
        ("limit=1&limit=1", &["limit"]),
        ("offset=-1", &["offset"]),
        ("offset=x", &["offset"]),
        ("offset=2147483648", &["offset"]),
        ("after_id=abc", &["after_id"]),
        (&short, &["after_id"]),
        (&long, &["after_id"]),
        ("limit=a&offset=b&after_id=c", &["after_id", "limit", "offset"]),
        ("q=foo:bar&limit=-1", &["foo"]),
    ];
    for (query, fields) in cases {
        assert_invalid(&owner.get(&format!("/users?{query}")).await, fields);
    }
}

#[tokio::test]
async fn users_found_by_their_real_names_are_paged_like_any() {
    let (_app, owner) = TestApp::with_owner().await;
    for name in ["ada", "bob", "cyd", "dan"] {
        let body = json!({ "password": null, "login_type": "none", "name": format!("Long After {name}") });
        owner.post("/users", with(&TestApp::new_user(name), &body)).await.expect_status(201);
    }
    assert_page(&owner, "q=name:after&limit=1&offset=1", "bob", 4).await;
}

#[tokio::test]
async fn old_names_of_the_role_owner_find_owners() {
    let (_app, owner) = motley().await;
    for role in ["admin", "site-manager", "ADMIN,site-manager", "admin%20role:owner"] {
        assert_page(&owner, &format!("q=role:{role}"), "owner", 1).await;
    }
    assert_page(&owner, "q=role:admin,auditor", "ada owner", 2).await;
}
