//! A caller of the API.

use std::net::{IpAddr, SocketAddr};

use bytes::Bytes;
use http::{Method, Request};
use roster_local::gateway::Gateway;
use serde_json::Value;

use crate::cast::with;
use crate::{Answer, TestApp};

/// The content type of a form.
pub const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The body of a form with these fields.
pub fn form_body(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// A caller with or without a token, at an IP address.
#[derive(Clone, Debug)]
pub struct Actor {
    gateway: Gateway,
    token: Option<String>,
    address: SocketAddr,
}

impl Actor {
    /// An actor without a token.
    pub fn anonymous(gateway: Gateway) -> Self {
        Self { gateway, token: None, address: SocketAddr::from(([192, 0, 2, 7], 40_000)) }
    }

    /// The same actor with another token.
    #[must_use]
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Self { token: Some(token.into()), ..self.clone() }
    }

    /// The same actor at another IP address.
    #[must_use]
    pub fn at(&self, address: impl Into<IpAddr>) -> Self {
        Self { address: SocketAddr::from((address.into(), 40_000)), ..self.clone() }
    }

    /// The token; empty when there is none.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// The key id in the token.
    pub fn key_id(&self) -> &str {
        self.token().split('-').next().unwrap_or_default()
    }

    /// Creates a user from [`TestApp::new_user`] with some members changed, and returns the answer.
    pub async fn create_user_with(&self, username: &str, changes: Value) -> Answer {
        self.post("/users", with(&TestApp::new_user(username), &changes)).await.expect_status(201)
    }

    /// Creates a token of the actor, and returns an actor who uses it.
    pub async fn create_token(&self, body: Value) -> Self {
        self.create_token_for("me", body).await
    }

    /// Creates a token of a user, and returns an actor who uses it.
    pub async fn create_token_for(&self, user: &str, body: Value) -> Self {
        let created = self.post(&format!("/users/{user}/keys/tokens"), body).await.expect_status(201);
        self.with_token(created.text_at("/key"))
    }

    /// `GET /api/v2<path>`.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    /// `DELETE /api/v2<path>`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    /// `POST /api/v2<path>` with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    /// `PUT /api/v2<path>` with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// Any method at `/api/v2<path>`, with a JSON body or none.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.send(method, &format!("/api/v2{path}"), &[], body).await
    }

    /// `GET` of a page, whose path does not begin with `/api/v2`.
    pub async fn get_page(&self, uri: &str) -> Answer {
        self.send(Method::GET, uri, &[], "").await
    }

    /// `POST` of a form with these fields.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, path, &[FORM], form_body(fields)).await
    }

    /// Sends a request with the actor's token in the header that clients use. Deferred tasks of the service have ended
    /// when it returns.
    ///
    /// # Panics
    ///
    /// When the arguments make no valid request.
    pub async fn send(&self, method: Method, uri: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let body = body.into();
        let asked = format!("{method} {uri}\n{}", String::from_utf8_lossy(&body)).trim_end().to_owned();
        let mut request = Request::builder().method(method).uri(uri).header("host", "roster.test");
        if let Some(token) = &self.token {
            request = request.header("coder-session-token", token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).unwrap_or_else(|error| panic!("no request: {error}"));
        // Boxed because tests join several of these futures in one.
        let response = Box::pin(self.gateway.handle(request, self.address)).await;
        self.gateway.drain().await;
        Answer::new(asked, response)
    }
}
