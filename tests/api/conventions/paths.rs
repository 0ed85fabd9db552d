//! Routing of paths.

use http::{Method, StatusCode};
use roster_tests::TestApp;
use serde_json::json;

use crate::cases::cases;

#[tokio::test]
async fn an_unknown_route_is_not_found_with_and_without_a_token() {
    let (app, owner) = TestApp::with_owner().await;
    let first = app.anonymous().get("/nowhere").await.expect_status(404);
    assert_eq!(first.json().as_object().map(serde_json::Map::len), Some(1), "{}", first.text);
    assert_ne!(first.text, owner.get("/users/unknown").await.expect_status(404).text);
    for (actor, path) in [
        (&app.anonymous(), "/buildinfo/"),
        (&app.anonymous(), "/auth/scopes/x"),
        (&owner, "/users/me/nowhere"),
        (&owner, "/users/me/keys/a/b/c"),
        (&owner, "/users/0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f/nowhere"),
    ] {
        let answer = actor.get(path).await;
        assert_eq!((answer.status, &answer.text), (StatusCode::NOT_FOUND, &first.text), "{path}");
    }
    for uri in ["/", "/api", "/api/v1/users", "/users"] {
        let answer = owner.send(Method::GET, uri, &[], "").await;
        assert_eq!((answer.status, &answer.text), (StatusCode::NOT_FOUND, &first.text), "{uri}");
    }
}

#[tokio::test]
async fn below_a_user_an_unknown_route_needs_a_token() {
    let app = TestApp::start().await;
    let missing = app.anonymous().get("/users/me").await.expect_status(401).text;
    for path in ["/users/me/nowhere", "/users/unknown/keys/a/b/c", "/users/first/nowhere"] {
        assert_eq!(app.anonymous().get(path).await.expect_status(401).text, missing, "{path}");
    }
}

#[tokio::test]
async fn repeated_slashes_count_as_one() {
    let (_app, owner) = TestApp::with_owner().await;
    for uri in ["/api//v2///users//me", "//api/v2/users/me", "/api/v2/users/me//"] {
        let answer = owner.send(Method::GET, uri, &[], "").await.expect_status(200);
        assert_eq!(answer.text_at("/username"), "owner", "{uri}");
    }
    let answer = owner.send(Method::GET, "/api//v2/users?q=a//b:c", &[], "").await.expect_status(400);
    assert_eq!(answer.invalid_fields(), ["a//b"]);
    let created = owner.send(Method::POST, "/api/v2//users/me//keys/tokens", &[], r#"{"token_name":"ci"}"#).await;
    created.expect_status(201);
}

#[tokio::test]
async fn a_trailing_slash_is_accepted_on_collections_and_items() {
    let (_app, owner) = TestApp::with_owner().await;
    owner.get("/users/me").await.expect_status(200);
    for path in ["/users", "/users/me", "/users/me/organizations", "/users/roles"] {
        let plain = owner.get(path).await.expect_status(200);
        assert_eq!(owner.get(&format!("{path}/")).await.expect_status(200).text, plain.text, "{path}");
    }
    owner.post("/users/", TestApp::new_user("ada")).await.expect_status(201);
    owner.put("/users/ada/password/", json!({ "password": "AnotherSecurePassword!" })).await.expect_status(204);
    owner.delete("/users/ada/").await.expect_status(200);
    owner.get("/users/ada").await.expect_status(404);
}

#[tokio::test]
async fn a_trailing_slash_makes_a_leaf_an_unknown_route() {
    let (_app, owner) = TestApp::with_owner().await;
    let unknown = owner.get("/nowhere").await.expect_status(404).text;
    for (method, path) in [
        (Method::PUT, "/users/me/profile/"),
        (Method::GET, "/users/me/roles/"),
        (Method::GET, "/users/me/gitsshkey/"),
        (Method::PUT, "/users/me/status/suspend/"),
        (Method::GET, "/users/me/login-type/"),
        (Method::GET, "/users/me/organizations/coder/"),
        (Method::GET, "/users/me/keys/tokens/"),
        (Method::GET, "/users/me/keys/tokens/tokenconfig/"),
    ] {
        let answer = owner.call(method.clone(), path, None).await;
        assert_eq!((answer.status, &answer.text), (StatusCode::NOT_FOUND, &unknown), "{method} {path}");
    }
}

#[tokio::test]
async fn a_reserved_segment_is_a_username_for_other_methods() {
    let (app, owner) = TestApp::with_owner().await;
    let missing = owner.get("/users/unknown").await.expect_status(404).text;
    for name in ["login", "logout", "validate-password"] {
        assert_eq!(owner.get(&format!("/users/{name}")).await.expect_status(404).text, missing, "{name}");
        let id = app.create_user(&owner, name).await;
        assert_eq!(owner.get(&format!("/users/{name}")).await.expect_status(200).text_at("/id"), id, "{name}");
    }
    for name in ["login", "logout", "validate-password", "first", "authmethods"] {
        if owner.get(&format!("/users/{name}/login-type")).await.status == StatusCode::NOT_FOUND {
            app.create_user(&owner, name).await;
        }
        owner.delete(&format!("/users/{name}")).await.expect_status(200);
    }
}

#[tokio::test]
async fn some_reserved_segments_are_never_usernames() {
    let (app, owner) = TestApp::with_owner().await;
    let unknown = owner.get("/nowhere").await.expect_status(404).text;
    for name in ["oauth2", "roles"] {
        app.create_user(&owner, name).await;
    }
    for (method, path) in [
        (Method::GET, "/users/oauth2"),
        (Method::DELETE, "/users/oauth2"),
        (Method::PATCH, "/users/oauth2/"),
        (Method::GET, "/users/oauth2/roles"),
        (Method::PUT, "/users/oauth2/profile"),
        (Method::GET, "/users/oauth2/github"),
        (Method::GET, "/users/roles/login-type"),
        (Method::PUT, "/users/roles/status/suspend"),
        (Method::POST, "/users/roles/keys"),
    ] {
        for actor in [&owner, &app.anonymous()] {
            let answer = actor.call(method.clone(), path, None).await;
            assert_eq!((answer.status, &answer.text), (StatusCode::NOT_FOUND, &unknown), "{method} {path}");
        }
    }
    owner.delete("/users/roles").await.expect_status(405);
    for user in ["oauth2", "roles"] {
        let list = owner.get(&format!("/users?q={user}@")).await.expect_status(200);
        owner.get(&format!("/users/{}/login-type", list.text_at("/users/0/id"))).await.expect_status(403);
        owner.get(&format!("/users/{}/roles", list.text_at("/users/0/id"))).await.expect_status(200);
    }
}

#[tokio::test]
async fn first_with_a_trailing_slash_is_a_username() {
    let (app, owner) = TestApp::with_owner().await;
    owner.get("/users/first").await.expect_status(200);
    let missing = owner.get("/users/first/").await.expect_status(404).text;
    assert_eq!(missing, owner.get("/users/unknown").await.text);
    let id = app.create_user(&owner, "first").await;
    assert_eq!(owner.get("/users/first/").await.expect_status(200).text_at("/id"), id);
    app.anonymous().get("/users/first/").await.expect_status(401);
}

#[tokio::test]
async fn segments_are_percent_decoded() {
    let (_app, owner, id) = TestApp::with_user("ada-l").await;
    for segment in ["%61da-l", "ada%2Dl", "%41DA%2dL", &id.replace('-', "%2D"), &format!("%7B{id}%7D")] {
        let found = owner.get(&format!("/users/{segment}")).await.expect_status(200);
        assert_eq!(found.text_at("/id"), id, "{segment}");
    }
    assert_eq!(owner.get("/users/%6De").await.expect_status(200).text_at("/username"), "owner");
    owner.get("/users/ada-l%2Flogin-type").await.expect_status(403);
}

#[tokio::test]
async fn invalid_characters_in_a_segment_are_not_found() {
    let (_app, owner) = TestApp::with_owner().await;
    let missing = owner.get("/users/unknown").await.expect_status(404).text;
    for segment in [
        "%00",
        "%FF",
        "owner%FF",
        "%C3%28",
        "owner%00",
        "a%20b",
        "%C3%BF",
        "%EF%BF%BD",
        "owner%3Fb",
        "owner%20",
        "owner%23b",
        "%25",
        "x%5C..%5Cowner",
        "%3Cb%3E",
    ] {
        for path in [format!("/users/{segment}"), format!("/users/me/keys/{segment}")] {
            let answer = owner.get(&path).await;
            assert_eq!((answer.status, &answer.text), (StatusCode::NOT_FOUND, &missing), "{path}");
        }
    }
}

#[tokio::test]
async fn very_long_segments_are_not_found() {
    let (_app, owner) = TestApp::with_owner().await;
    let long = "a".repeat(5000);
    let missing = owner.get("/users/unknown").await.expect_status(404).text;
    for path in [
        format!("/users/{long}"),
        format!("/users/me/keys/{long}"),
        format!("/users/me/keys/tokens/{long}"),
        format!("/users/me/organizations/{long}"),
    ] {
        assert_eq!(owner.get(&path).await.expect_status(404).text, missing);
    }
    owner.put(&format!("/users/{long}/status/suspend"), json!(null)).await.expect_status(404);
}

cases! {
    an_unknown_path_is_not_found: anonymous GET "/nowhere" => 404;
    an_unknown_path_of_a_user_is_not_found: owner GET "/users/me/nowhere" => 404;
    an_unknown_path_of_a_user_without_a_token_is_refused: anonymous GET "/users/me/nowhere" => 401;
}
