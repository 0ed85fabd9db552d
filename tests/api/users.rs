//! Users: the first one, creation, the list, one of them, profile, roles, status and deletion.

mod create;
mod delete;
mod directory;
mod first;
mod list;
mod profile;
mod read;
mod roles;
mod status;

use roster::auth::token::ShortId;
use roster_tests::{Actor, Answer, TestApp};
use serde_json::{Value, json};

/// The id of nobody.
const UNKNOWN: &str = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";
/// Stands for the default organization where an organization is asked for.
const NIL: &str = "00000000-0000-0000-0000-000000000000";
/// What a user who was never seen was last seen at.
const NEVER: &str = "0001-01-01T00:00:00Z";

/// A deployment with one actor of every site role.
struct Cast {
    app: TestApp,
    owner: Actor,
    user_admin: Actor,
    auditor: Actor,
    template_admin: Actor,
    member: Actor,
}

impl Cast {
    /// Creates and signs in all of them; each is named after the role.
    async fn assemble() -> Self {
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

    /// Those who may read every user and write none.
    fn readers(&self) -> [&Actor; 2] {
        [&self.auditor, &self.template_admin]
    }
}

/// A JSON object with some members replaced or added; a `null` takes a member away.
fn with(object: &Value, changes: &Value) -> Value {
    let mut result = object.clone();
    for (name, value) in changes.as_object().into_iter().flatten() {
        result[name] = value.clone();
    }
    if let Some(members) = result.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    result
}

/// The default organization.
async fn organization(actor: &Actor) -> String {
    actor.get("/users/me").await.expect_status(200).text_at("/organization_ids/0")
}

/// The same actor with a named token instead of the session.
async fn with_named_token(actor: &Actor) -> Actor {
    let created = actor.post("/users/me/keys/tokens", json!({ "token_name": "ci" })).await.expect_status(201);
    actor.with_token(created.text_at("/key"))
}

/// The places of all items but the counters of users, whose number depends on ids.
async fn places(app: &TestApp) -> Vec<String> {
    let mut places = app.places().await;
    places.retain(|place| !place.starts_with("DIRECTORY / #COUNT#"));
    places
}

/// The part of a user's partition key that the id decides.
fn short_id(user: &Value) -> String {
    let id = user["id"].as_str().and_then(|id| id.parse().ok()).expect("the user has an id");
    ShortId::of(id).as_str().to_owned()
}

/// An envelope of a message and nothing else.
#[track_caller]
fn assert_says_only_a_message(answer: &Answer) {
    let body = answer.json();
    assert!(!answer.text_at("/message").is_empty(), "{}", answer.text);
    assert_eq!(body, json!({ "message": body["message"] }));
}

/// 403 in the envelope of a lacking permission.
#[track_caller]
fn assert_forbidden(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.text_at("/message").as_str()), (403, "Forbidden."), "{}", answer.text);
    assert!(!answer.text_at("/detail").is_empty(), "{}", answer.text);
}

/// 401 for who presents no token that counts.
#[track_caller]
fn assert_signed_out(answer: &Answer) {
    assert_eq!(answer.status, 401, "{}", answer.text);
    assert!(answer.header("www-authenticate").starts_with("Bearer "), "{:?}", answer.headers);
    assert!(!answer.text_at("/detail").is_empty(), "{}", answer.text);
}

/// The very 404 that a user gets who does not exist.
async fn assert_hidden(actor: &Actor, answer: &Answer) {
    let missing = actor.get(&format!("/users/{UNKNOWN}")).await.expect_status(404);
    assert_eq!((answer.status, &answer.text), (missing.status, &missing.text));
}

/// 400 that names exactly these fields, in this order.
#[track_caller]
fn assert_invalid(answer: &Answer, fields: &[&str]) {
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(answer.invalid_fields(), fields, "{}", answer.text);
}

/// 400 that says in its detail what is wrong with the body as a whole.
#[track_caller]
fn assert_undecodable(answer: &Answer) {
    let body = answer.json();
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(!answer.text_at("/detail").is_empty(), "{}", answer.text);
    assert_eq!(body, json!({ "message": body["message"], "detail": body["detail"] }));
}
