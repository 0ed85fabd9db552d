//! Bodies: valid ones with arbitrary changes, and arbitrary bytes.

use http::Method;
use proptest::prelude::*;
use proptest::sample::Index;
use roster_tests::TestApp;
use serde_json::{Value, json};

use super::{answers_all, text};

/// Any JSON value of small depth.
fn trees() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// One change of a body.
#[derive(Clone, Debug)]
enum Mutation {
    Remove(Index),
    Replace(Index, Value),
    /// A second member with the same name in capitals.
    Repeat(Index, Value),
    Add(String, Value),
    /// One byte of the text is replaced.
    Flip(Index, u8),
    /// The text is truncated.
    Truncate(Index),
}

fn mutations() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        2 => any::<Index>().prop_map(Mutation::Remove),
        6 => (any::<Index>(), trees()).prop_map(|(at, value)| Mutation::Replace(at, value)),
        6 => (any::<Index>(), text()).prop_map(|(at, text)| Mutation::Replace(at, Value::from(text))),
        2 => (any::<Index>(), trees()).prop_map(|(at, value)| Mutation::Repeat(at, value)),
        2 => (text(), trees()).prop_map(|(name, value)| Mutation::Add(name, value)),
        1 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Mutation::Flip(at, byte)),
        1 => any::<Index>().prop_map(Mutation::Truncate),
    ]
}

/// The text of a body after some changes. It is text because members may repeat, which a [`Value`] cannot express.
fn mutated(valid: &Value, mutations: &[Mutation]) -> Vec<u8> {
    let mut members: Vec<(String, Value)> =
        valid.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect();
    for mutation in mutations {
        match mutation {
            Mutation::Add(name, value) => members.push((name.clone(), value.clone())),
            _ if members.is_empty() => {}
            Mutation::Remove(at) => drop(members.remove(at.index(members.len()))),
            Mutation::Replace(at, value) => at.get_mut(&mut members).1 = value.clone(),
            Mutation::Repeat(at, value) => {
                let name = at.get(&members).0.to_uppercase();
                members.push((name, value.clone()));
            }
            Mutation::Flip(..) | Mutation::Truncate(_) => {}
        }
    }
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("{}:{value}", Value::from(&**name))).collect();
    let mut body = format!("{{{}}}", members.join(",")).into_bytes();
    for mutation in mutations {
        match mutation {
            Mutation::Flip(at, byte) if !body.is_empty() => *at.get_mut(&mut body) = *byte,
            Mutation::Truncate(at) if !body.is_empty() => body.truncate(at.index(body.len())),
            _ => {}
        }
    }
    body
}

/// Changed copies of a valid body, and a few unrelated bodies.
fn bodies(valid: Value) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        8 => prop::collection::vec(mutations(), 0..4).prop_map(move |mutations| mutated(&valid, &mutations)),
        1 => trees().prop_map(|tree| tree.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..64),
    ]
}

/// The number of properties that send bodies.
const PROPERTIES: u32 = 6;

/// Sends changed copies of `valid` to `/api/v2<path>`.
fn answers_bodies(method: &Method, path: &str, valid: Value) {
    let uri = format!("/api/v2{path}");
    answers_all(PROPERTIES, bodies(valid), &async |owner, body| owner.send(method.clone(), &uri, &[], body).await);
}

#[test]
fn every_body_that_creates_a_user_is_answered() {
    let mut valid = TestApp::new_user("ada");
    let rest = json!({ "name": "Ada", "login_type": "password", "user_status": "active", "roles": ["auditor"] });
    for (name, value) in rest.as_object().into_iter().flatten() {
        valid[name] = value.clone();
    }
    answers_bodies(&Method::POST, "/users", valid);
}

#[test]
fn every_body_that_changes_a_profile_is_answered() {
    let valid = json!({ "username": "owner", "name": "Ada", "avatar_url": "/a.png" });
    answers_bodies(&Method::PUT, "/users/me/profile", valid);
}

#[test]
fn every_body_that_creates_a_token_is_answered() {
    let valid = json!({
        "token_name": "ci", "lifetime": 3_600_000_000_000_i64, "scope": "all", "scopes": ["user:read"],
        "allow_list": [{ "type": "user", "id": "*" }],
    });
    answers_bodies(&Method::POST, "/users/me/keys/tokens", valid);
}

#[test]
fn every_body_that_changes_preferences_is_answered() {
    let valid = json!({
        "task_notification_alert_dismissed": true, "thinking_display_mode": "preview",
        "shell_tool_display_mode": "auto", "code_diff_display_mode": "auto", "agent_chat_send_shortcut": "enter",
    });
    answers_bodies(&Method::PUT, "/users/me/preferences", valid);
}

#[test]
fn every_body_that_signs_in_is_answered() {
    let valid = json!({ "email": "owner@example.com", "password": "wrong" });
    answers_bodies(&Method::POST, "/users/login", valid);
}

#[test]
fn every_body_that_changes_a_password_is_answered() {
    let valid = json!({ "old_password": "wrong", "password": "AnotherSecurePassword!" });
    answers_bodies(&Method::PUT, "/users/me/password", valid);
}
