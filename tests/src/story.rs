//! One scenario that every form of the service must pass: the gateway in this process, the local server on a socket,
//! and the Lambda binaries under `cargo lambda watch`.

use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};

use crate::Answer;
use crate::app::PASSWORD;

/// The API at a URL.
#[derive(Clone, Debug)]
pub struct Remote {
    url: String,
    client: reqwest::Client,
}

impl Remote {
    /// The API at a URL without a trailing slash.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), client: reqwest::Client::new() }
    }

    /// Calls `/api/v2<path>`.
    pub async fn call(&self, method: Method, path: &str, token: &str, body: Option<Value>) -> reqwest::Result<Answer> {
        let asked = format!("{method} /api/v2{path}");
        let mut request = self.client.request(method, format!("{}/api/v2{path}", self.url));
        if !token.is_empty() {
            request = request.header("Coder-Session-Token", token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let (status, headers): (StatusCode, HeaderMap) = (response.status(), response.headers().clone());
        Ok(Answer { request: asked, status, headers, text: response.text().await? })
    }
}

/// First user → sign in → create a user → token → list → suspend → 401.
///
/// # Panics
///
/// When an answer differs from the expected one.
#[expect(clippy::expect_used, reason = "a test that cannot reach its server fails")]
pub async fn play(remote: &Remote) {
    let call = async |method: Method, path: &str, token: &str, body: Option<Value>| {
        remote.call(method, path, token, body).await.expect("the server answers")
    };
    let answer = call(Method::GET, "/users/first", "", None).await.expect_status(404);
    assert!(answer.header("x-coder-build-version").starts_with('v'), "{:?}", answer.headers);

    let owner = json!({ "email": "owner@example.com", "username": "owner", "password": PASSWORD });
    let organization = call(Method::POST, "/users/first", "", Some(owner.clone()))
        .await
        .expect_status(201)
        .text_at("/organization_id");
    let repeated = call(Method::POST, "/users/first", "", Some(owner)).await;
    assert_eq!(repeated.status, StatusCode::CONFLICT, "{}", repeated.text);

    let credentials = json!({ "email": "Owner@example.com", "password": PASSWORD });
    let owner = call(Method::POST, "/users/login", "", Some(credentials)).await.expect_status(201);
    let owner = owner.text_at("/session_token");

    let new = json!({
        "email": "ada@example.com", "username": "ada", "password": PASSWORD, "organization_ids": [organization],
    });
    let ada_id = call(Method::POST, "/users", &owner, Some(new)).await.expect_status(201).text_at("/id");
    let credentials = json!({ "email": "ada@example.com", "password": PASSWORD });
    let ada = call(Method::POST, "/users/login", "", Some(credentials)).await.expect_status(201);
    let ada = ada.text_at("/session_token");

    let wanted = json!({ "token_name": "ci", "lifetime": 3_600_000_000_000_i64 });
    let token = call(Method::POST, "/users/me/keys/tokens", &ada, Some(wanted)).await.expect_status(201);
    let token = token.text_at("/key");
    let me = call(Method::GET, "/users/me", &token, None).await.expect_status(200);
    assert_eq!((me.text_at("/username"), me.text_at("/status")), ("ada".to_owned(), "active".to_owned()));

    let list = call(Method::GET, "/users?limit=10&q=status:active", &owner, None).await.expect_status(200).json();
    let names: Vec<&str> =
        list["users"].as_array().into_iter().flatten().filter_map(|user| user["username"].as_str()).collect();
    assert_eq!((names, list["count"].as_u64()), (vec!["ada", "owner"], Some(2)));

    let suspended = call(Method::PUT, &format!("/users/{ada_id}/status/suspend"), &owner, None).await;
    assert_eq!(suspended.expect_status(200).text_at("/status"), "suspended");
    // The first request of each key after the suspension.
    for key in [&token, &ada] {
        let refused = call(Method::GET, "/users/me", key, None).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{}", refused.text);
    }
}
