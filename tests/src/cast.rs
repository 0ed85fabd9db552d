//! A deployment with a user of every site role, and assertions for the common refusals of the API.

use serde_json::{Value, json};

use crate::{Actor, Answer, TestApp};

/// An id that no user has.
pub const UNKNOWN: &str = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";

/// A deployment with one actor of every site role. Each actor but the owner is named after the role.
pub struct Cast {
    /// The deployment.
    pub app: TestApp,
    /// The first user.
    pub owner: Actor,
    /// Manages users.
    pub user_admin: Actor,
    /// Reads every user and changes none.
    pub auditor: Actor,
    /// Reads every user and changes none.
    pub template_admin: Actor,
    /// Has no site role.
    pub member: Actor,
}

impl Cast {
    /// Creates all users and signs them in.
    pub async fn assemble() -> Self {
        let (app, owner) = TestApp::with_owner().await;
        Self {
            user_admin: app.user_with_roles(&owner, "user-admin", &["user-admin"]).await,
            auditor: app.user_with_roles(&owner, "auditor", &["auditor"]).await,
            template_admin: app.user_with_roles(&owner, "template-admin", &["template-admin"]).await,
            member: app.user_with_roles(&owner, "member", &[]).await,
            app,
            owner,
        }
    }

    /// The actors who may read every user and change none.
    pub fn readers(&self) -> [&Actor; 2] {
        [&self.auditor, &self.template_admin]
    }
}

/// A JSON object with some members replaced or added; `null` removes a member.
pub fn with(object: &Value, changes: &Value) -> Value {
    let mut result = object.clone();
    for (name, value) in changes.as_object().into_iter().flatten() {
        result[name] = value.clone();
    }
    if let Some(members) = result.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    result
}

/// Asserts that the body holds a message and nothing else.
///
/// # Panics
///
/// When the answer differs.
#[track_caller]
pub fn assert_says_only_a_message(answer: &Answer) {
    let body = answer.json();
    assert!(!answer.text_at("/message").is_empty(), "{}", answer.text);
    assert_eq!(body, json!({ "message": body["message"] }));
}

/// Asserts the 403 of a missing permission.
///
/// # Panics
///
/// When the answer differs.
#[track_caller]
pub fn assert_forbidden(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.text_at("/message").as_str()), (403, "Forbidden."), "{}", answer.text);
    assert!(!answer.text_at("/detail").is_empty(), "{}", answer.text);
}

/// Asserts the 401 of a missing or invalid token.
///
/// # Panics
///
/// When the answer differs.
#[track_caller]
pub fn assert_signed_out(answer: &Answer) {
    assert_eq!(answer.status, 401, "{}", answer.text);
    assert!(answer.header("www-authenticate").starts_with("Bearer "), "{:?}", answer.headers);
    assert!(!answer.text_at("/detail").is_empty(), "{}", answer.text);
}

/// Asserts the same 404 as for a user who does not exist.
///
/// # Panics
///
/// When the answer differs.
pub async fn assert_hidden(actor: &Actor, answer: &Answer) {
    let missing = actor.get(&format!("/users/{UNKNOWN}")).await.expect_status(404);
    assert_eq!((answer.status, &answer.text), (missing.status, &missing.text));
}

/// Asserts a 400 that names exactly these fields, in this order.
///
/// # Panics
///
/// When the answer differs.
#[track_caller]
pub fn assert_invalid(answer: &Answer, fields: &[&str]) {
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(answer.invalid_fields(), fields, "{}", answer.text);
}

/// Asserts a 400 whose detail says what is wrong with the whole body.
///
/// # Panics
///
/// When the answer differs.
#[track_caller]
pub fn assert_undecodable(answer: &Answer) {
    let body = answer.json();
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(!answer.text_at("/detail").is_empty(), "{}", answer.text);
    assert_eq!(body, json!({ "message": body["message"], "detail": body["detail"] }));
}
