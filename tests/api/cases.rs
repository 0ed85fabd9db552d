//! One request and its answer: the status in the line of the test, all else in a snapshot beside it.

use http::Method;
use roster_tests::cast::{assert_hidden, with};
use roster_tests::{Answer, TestApp};
use serde_json::{Value, json};

/// What a case promises.
pub(crate) enum Outcome {
    Status(u16),
    /// 404, with the bytes of the answer about a user who does not exist.
    Hidden,
}

/// One request of one caller.
pub(crate) struct Case {
    pub(crate) actor: &'static str,
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) body: Option<Value>,
    pub(crate) outcome: Outcome,
}

/// Compares an exchange with the snapshot of that name beside the test.
macro_rules! assert_exchange {
    ($name:expr, $answer:expr) => {
        let exchange = $answer.snapshot();
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!($name, exchange) });
    };
}

/// `name: actor METHOD "/path" {body} => status;` is a test of that name, and a snapshot of the same name.
macro_rules! cases {
    ($($name:ident: $actor:ident $method:ident $path:literal $({ $($body:tt)* })? => $outcome:tt;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                let case = $crate::cases::Case {
                    actor: stringify!($actor),
                    method: http::Method::$method,
                    path: $path,
                    body: [$(serde_json::json!({ $($body)* }))?].into_iter().next(),
                    outcome: $crate::cases::outcome!($outcome),
                };
                let answer = case.answer().await;
                $crate::cases::assert_exchange!(stringify!($name), answer);
            }
        )*
    };
}

macro_rules! outcome {
    (hidden) => {
        $crate::cases::Outcome::Hidden
    };
    ($status:literal) => {
        $crate::cases::Outcome::Status($status)
    };
}

pub(crate) use {assert_exchange, cases, outcome};

/// The users that a case may name, beside the owner and the actor, who has the name of the role.
fn people() -> [(&'static str, Value); 4] {
    [
        ("ada", json!({})),
        ("boss", json!({ "roles": ["owner"] })),
        ("robot", json!({ "login_type": "none", "password": null })),
        ("sleeper", json!({ "user_status": "suspended" })),
    ]
}

impl Case {
    /// Sends the request in a deployment of its own.
    pub(crate) async fn answer(self) -> Answer {
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
        answer
    }

    /// A case that creates a user says only what is special about the user.
    fn whole_body(&self) -> Option<Value> {
        let is_creation = self.method == Method::POST && self.path == "/users";
        self.body.clone().map(|body| if is_creation { with(&TestApp::new_user("newcomer"), &body) } else { body })
    }
}
