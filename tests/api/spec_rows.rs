//! Tables of the specification, each row a test of its own: which status which endpoint answers
//! (docs/api/users.md#statuses-by-endpoint, docs/api/authentication.md#statuses-by-endpoint), and what comes of a
//! request by caller and target (docs/api/roles-and-permissions.md#outcomes-by-caller).

use http::Method;
use roster_tests::TestApp;
use roster_tests::cast::{assert_hidden, with};
use serde_json::{Value, json};

/// What a row promises.
enum Outcome {
    Status(u16),
    /// 404, word for word as if there were nobody (docs/api/users.md#user-path-parameter).
    Hidden,
}

macro_rules! outcome {
    (hidden) => {
        Outcome::Hidden
    };
    ($status:literal) => {
        Outcome::Status($status)
    };
}

struct Row {
    actor: &'static str,
    method: Method,
    path: &'static str,
    body: Option<Value>,
    outcome: Outcome,
    fields: &'static [&'static str],
}

/// `name: actor METHOD "/path" {body} => status ["field", …];` A refusal names exactly these fields.
macro_rules! rows {
    ($($name:ident: $actor:ident $method:ident $path:literal $({ $($body:tt)* })? => $outcome:tt $([$($field:literal),*])?;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                let row = Row {
                    actor: stringify!($actor),
                    method: Method::$method,
                    path: $path,
                    body: [$(json!({ $($body)* }))?].into_iter().next(),
                    outcome: outcome!($outcome),
                    fields: &[$($($field),*)?],
                };
                row.prove().await;
            }
        )*
    };
}

/// Whoever a row names exists, beside the owner and the actor, who is named after the role.
fn people() -> [(&'static str, Value); 4] {
    [
        ("ada", json!({})),
        ("boss", json!({ "roles": ["owner"] })),
        ("robot", json!({ "login_type": "none", "password": null })),
        ("sleeper", json!({ "user_status": "suspended" })),
    ]
}

impl Row {
    async fn prove(self) {
        let (app, owner) = TestApp::with_owner().await;
        let body = self.whole_body();
        let request = format!("{} {}", self.path, body.as_ref().map(Value::to_string).unwrap_or_default());
        for (name, changes) in people() {
            if request.contains(name) {
                owner.post("/users", with(&TestApp::new_user(name), &changes)).await.expect_status(201);
            }
        }
        let actor = match self.actor {
            "owner" => owner,
            "anonymous" => app.anonymous(),
            "member" => app.user_with_roles(&owner, "member", &[]).await,
            role => app.user_with_roles(&owner, &role.replace('_', "-"), &[&role.replace('_', "-")]).await,
        };
        let answer = actor.call(self.method, self.path, body).await;
        match self.outcome {
            Outcome::Status(status) => assert_eq!(answer.status.as_u16(), status, "{}", answer.text),
            Outcome::Hidden => assert_hidden(&actor, &answer).await,
        }
        assert_eq!(answer.invalid_fields(), self.fields, "{}", answer.text);
        let is_told = !answer.status.is_client_error() || !answer.text_at("/message").is_empty();
        assert!(is_told, "an envelope, not {:?}", answer.text);
    }

    /// A row that creates a user says only what is special about it.
    fn whole_body(&self) -> Option<Value> {
        let is_creation = self.method == Method::POST && self.path == "/users";
        self.body.clone().map(|body| if is_creation { with(&TestApp::new_user("newcomer"), &body) } else { body })
    }
}

// After the macros that they use.
mod authentication;
mod outcomes;
mod staged;
mod status_codes;
