//! Sends every request of docs/api/permissions.md as every role. A route without a row fails a test. A refused request
//! changes nothing, and a user whom the caller may not see has the answer of a user who does not exist.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use http::Method;
use roster_local::{GatewayRoute, gateway_routes};
use roster_tests::actor::FORM;
use roster_tests::cast::assert_hidden;
use roster_tests::{Actor, TestApp};
use serde_json::json;

/// The column of a caller without a token.
const NO_TOKEN: &str = "no token";

/// The table, with a row for each route, target and body.
const DOCUMENT: &str = include_str!("../../docs/api/permissions.md");

/// The user whom `{user}` names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Target {
    /// None: the route has no `{user}`.
    NoUser,
    /// Another user without roles, with a token of the name `ci`.
    AnotherUser,
    /// Another owner.
    AnotherOwner,
    /// Another user, whose name is the last segment of the path.
    ReservedName,
    /// The caller, who has a token of the name `ci`.
    TheCaller,
}

use Target::{AnotherOwner, AnotherUser, NoUser, ReservedName, TheCaller};

/// A request and the statuses for the roles of the document's columns.
#[derive(Clone, Debug)]
struct Row {
    route: &'static str,
    target: Target,
    body: &'static str,
    statuses: Vec<u16>,
}

/// The cells of a line of the table, without the backticks.
fn cells(line: &'static str) -> Vec<&'static str> {
    line.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`')).collect()
}

/// The lines of the table: its head, and its rows.
fn lines() -> (Vec<&'static str>, impl Iterator<Item = Vec<&'static str>>) {
    let mut lines = DOCUMENT.lines().filter(|line| line.starts_with('|')).map(cells);
    let head = lines.next().expect("the document has a table");
    (head, lines.skip(1))
}

/// The roles of the columns; the last is a caller without a token.
fn roles() -> Vec<&'static str> {
    lines().0.split_off(3)
}

fn table() -> Vec<Row> {
    let row = |cells: Vec<&'static str>| Row {
        route: cells[0],
        target: match cells[1] {
            "" => NoUser,
            "another user" => AnotherUser,
            "another owner" => AnotherOwner,
            "reserved name" => ReservedName,
            "the caller" => TheCaller,
            other => panic!("{other:?} is not a target"),
        },
        body: cells[2],
        statuses: cells[3..].iter().map(|status| status.parse().expect("a cell is a status")).collect(),
    };
    lines().1.map(row).collect()
}

/// A deployment with targets for requests.
struct Cast {
    app: TestApp,
    owner: Actor,
    another_user: User,
    another_owner: User,
    /// The number of usernames in use.
    names: u32,
}

/// A username, and the id of the user's token `ci`.
#[derive(Clone, Default)]
struct User {
    name: String,
    key: String,
}

/// A user who sends requests.
struct Caller {
    role: &'static str,
    actor: Actor,
    user: User,
}

impl Cast {
    async fn assemble() -> Self {
        let (app, owner) = TestApp::with_owner().await;
        let mut cast = Self { app, owner, another_user: User::default(), another_owner: User::default(), names: 0 };
        cast.another_user = cast.user(&[]).await;
        cast.another_owner = cast.user(&["owner"]).await;
        cast
    }

    fn fresh_name(&mut self) -> String {
        self.names += 1;
        format!("user-{}", self.names)
    }

    async fn user(&mut self, roles: &[&str]) -> User {
        let name = self.fresh_name();
        self.owner.create_user_with(&name, json!({ "roles": roles })).await;
        let key = self.owner.create_token_for(&name, json!({ "token_name": "ci" })).await.key_id().to_owned();
        User { name, key }
    }

    async fn caller(&mut self, role: &'static str) -> Caller {
        if role == NO_TOKEN {
            return Caller { role, actor: self.app.anonymous(), user: self.another_user.clone() };
        }
        let (site_role, organization_role) = ([role], role.starts_with("organization-"));
        let user = self.user(if role == "member" || organization_role { &[] } else { &site_role }).await;
        if organization_role {
            let path = format!("/organizations/default/members/{}/roles", user.name);
            self.owner.put(&path, json!({ "roles": [role] })).await.expect_status(200);
        }
        let actor = self.app.sign_in(&user.name).await;
        // The first use of a session is recorded, and no later one of the test.
        actor.get("/users/me").await.expect_status(200);
        Caller { role, actor, user }
    }

    /// Every item but audit entries and counters of wrong passwords, which refusals may write.
    async fn items(&self) -> Vec<HashMap<String, AttributeValue>> {
        let mut items = self.app.items().await;
        let text = |item: &HashMap<String, AttributeValue>, name: &str| item[name].as_s().cloned().unwrap_or_default();
        items.retain(|item| !text(item, "PK").starts_with("AUDIT#") && text(item, "SK") != "ATTEMPTS");
        items
    }

    /// Sends the request of a row. Replaces the user whom it changed.
    async fn status(&mut self, row: &Row, caller: &mut Caller) -> u16 {
        let &Row { route, target, body, .. } = row;
        let (method, path) = route.split_once(' ').unwrap_or(("GET", "/api/v2/unknown"));
        let user = match target {
            NoUser | TheCaller => caller.user.clone(),
            AnotherUser => self.another_user.clone(),
            AnotherOwner => self.another_owner.clone(),
            ReservedName => {
                let name = path.rsplit('/').next().unwrap_or_default();
                let created = self.owner.post("/users", TestApp::new_user(name)).await;
                // The user of an earlier row may still exist.
                assert!(created.status == 201 || created.status == 409, "{}", created.text);
                User::default()
            }
        };
        let path = path.replace("{user}", if target == TheCaller { "me" } else { &user.name });
        let path = path.replace("{keyname}", "ci").replace("{keyid}", &user.key);
        let mut path = path.replace("{organization}", "default").replace("{organizationname}", "coder");
        if path.ends_with("/autofill-parameters") {
            path.push_str("?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f");
        }
        let body = body.replace("{name}", &user.name).replace("{fresh}", &self.fresh_name());
        let method: Method = method.parse().expect("the row names a method");
        let headers: &[_] = if path.starts_with("/api/") { &[] } else { &[FORM] };
        let answer = caller.actor.send(method.clone(), &path, headers, body).await;
        let status = answer.status;
        if status == 404 && matches!(target, AnotherUser | AnotherOwner) {
            assert_hidden(&caller.actor, &answer).await;
        }
        if method != Method::GET && status.is_success() {
            match target {
                TheCaller => *caller = self.caller(caller.role).await,
                AnotherUser => self.another_user = self.user(&[]).await,
                AnotherOwner => self.another_owner = self.user(&["owner"]).await,
                NoUser | ReservedName => {}
            }
        }
        status.as_u16()
    }
}

/// The rows of the table, and each row about another user once more about another owner.
fn rows() -> Vec<Row> {
    let mut rows = table();
    let has_own_row = |row: &Row| {
        rows.iter().any(|other| (other.route, other.target, other.body) == (row.route, AnotherOwner, row.body))
    };
    let others = rows.iter().filter(|row| row.target == AnotherUser && !has_own_row(row));
    let owners: Vec<Row> = others.map(|row| Row { target: AnotherOwner, ..row.clone() }).collect();
    rows.extend(owners);
    rows
}

#[tokio::test]
async fn every_route_answers_every_role_as_the_table_says() {
    let mut cast = Cast::assemble().await;
    let mut callers = Vec::new();
    for role in roles() {
        callers.push(cast.caller(role).await);
    }
    let mut wrong = Vec::new();
    // The items before the refusals and reads since the last change.
    let mut unchanged = None;
    for row in rows() {
        assert_eq!(row.statuses.len(), callers.len(), "{row:?}");
        for (caller, expected) in callers.iter_mut().zip(&row.statuses) {
            let changes = row.target == ReservedName || (*expected < 400 && !row.route.starts_with("GET "));
            if !changes && unchanged.is_none() {
                unchanged = Some(cast.items().await);
            } else if let Some(before) = unchanged.take_if(|_| changes) {
                assert!(cast.items().await == before, "a refusal or a read before {row:?} changed an item");
            }
            let status = cast.status(&row, caller).await;
            if status != *expected {
                wrong.push(format!("{row:?} by {}: {status}, not {expected}", caller.role));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_route_that_requires_a_token_refuses_a_suspended_user() {
    let mut cast = Cast::assemble().await;
    let mut suspended = cast.caller("user-admin").await;
    let path = format!("/users/{}/status/suspend", suspended.user.name);
    cast.owner.call(Method::PUT, &path, None).await.expect_status(200);
    let mut refusing = 0;
    for row in table().iter().filter(|row| row.statuses.last() == Some(&401)) {
        assert_eq!(cast.status(row, &mut suspended).await, 401, "{row:?}");
        refusing += 1;
    }
    assert!(refusing > 40, "few routes require a token: {refusing}");
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let routes: BTreeSet<String> =
        gateway_routes().iter().map(GatewayRoute::key).chain(["$default".to_owned()]).collect();
    let named: BTreeSet<String> = table().iter().map(|row| row.route.to_owned()).collect();
    assert_eq!(named, routes);
}

#[test]
fn every_route_of_a_user_has_a_row_for_another_user_and_one_for_the_caller() {
    let table = table();
    for row in table.iter().filter(|row| row.route.contains("{user}")) {
        let same_route = table.iter().filter(|other| other.route == row.route);
        let targets: BTreeSet<bool> = same_route.map(|other| other.target == TheCaller).collect();
        assert_eq!(targets.len(), 2, "{}", row.route);
    }
}
