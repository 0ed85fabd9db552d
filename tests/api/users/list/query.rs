//! `GET /users?q=`: the users that a query finds, and the refusal of invalid queries.

use chrono::TimeDelta;
use roster_tests::app::PASSWORD;
use roster_tests::{Actor, TestApp};
use serde_json::json;

use super::{assert_page, id_of};
use crate::users::{NIL, assert_invalid, with};

/// Users who differ in every property that a query can filter, created an hour apart.
async fn varied_users() -> (TestApp, Actor) {
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
async fn the_query_finds_users_by_every_key() {
    let (_app, owner) = varied_users().await;
    let all_names = "ada Bob cyd dan owner robot";
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
        ("role:member", all_names),
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
        ("%20%20", all_names),
        ("%25", ""),
        ("o_ner", ""),
    ];
    for (query, names) in cases {
        let count = names.split_whitespace().count() as u64;
        assert_page(&owner, &format!("q={query}"), names, count).await;
    }
    assert_page(&owner, "q=ada&q=foo:bar", "ada", 1).await;
    assert_page(&owner, "q=&q=foo:bar", all_names, 6).await;
    // Both bounds are inclusive.
    let created = owner.get("/users/cyd").await.expect_status(200).text_at("/created_at");
    let window = format!("q=created_after:%22{created}%22%20created_before:%22{created}%22");
    assert_page(&owner, &window, "cyd", 1).await;
}

#[tokio::test]
async fn a_changed_user_is_found_at_once() {
    let (_app, owner) = varied_users().await;
    owner.put("/users/dan/roles", json!({ "roles": ["user-admin"] })).await.expect_status(200);
    owner.call(http::Method::PUT, "/users/cyd/status/activate", None).await.expect_status(200);
    owner.put("/users/Bob/profile", json!({ "username": "rob", "name": "Robert" })).await.expect_status(200);
    assert_page(&owner, "q=role:user-admin", "dan", 1).await;
    assert_page(&owner, "q=status:suspended", "", 0).await;
    assert_page(&owner, "q=name:robert", "rob", 1).await;
    assert_page(&owner, "q=name:%22the%20ada%22", "", 0).await;
}

#[tokio::test]
async fn errors_of_a_query_are_named_by_key() {
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
async fn invalid_page_parameters_are_reported_together_after_the_query() {
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
async fn users_found_by_name_are_paged() {
    let (_app, owner) = TestApp::with_owner().await;
    for name in ["ada", "bob", "cyd", "dan"] {
        owner
            .create_user_with(
                name,
                json!({ "password": null, "login_type": "none", "name": format!("Long After {name}") }),
            )
            .await;
    }
    assert_page(&owner, "q=name:after&limit=1&offset=1", "bob", 4).await;
}

#[tokio::test]
async fn former_names_of_the_owner_role_find_owners() {
    let (_app, owner) = varied_users().await;
    for role in ["admin", "site-manager", "ADMIN,site-manager", "admin%20role:owner"] {
        assert_page(&owner, &format!("q=role:{role}"), "owner", 1).await;
    }
    assert_page(&owner, "q=role:admin,auditor", "ada owner", 2).await;
}
