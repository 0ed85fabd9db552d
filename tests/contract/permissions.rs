//! The table of permissions: the status that each route answers to each role. A route without a row fails a test.

use std::collections::BTreeSet;

use http::Method;
use roster_local::{GatewayRoute, gateway_routes};
use roster_tests::actor::FORM;
use roster_tests::{Actor, TestApp};
use serde_json::json;

/// The user whom `{user}` names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Target {
    /// None: the route has no `{user}`.
    NoTarget,
    /// Another user without roles, with a token of the name `ci`.
    AnotherUser,
    /// Another owner.
    AnotherOwner,
    /// Another user, whose name is the last segment of the path.
    ReservedName,
    /// The caller, who has a token of the name `ci`.
    SelfTarget,
}

use Target::{AnotherOwner, AnotherUser, NoTarget, ReservedName, SelfTarget};

/// A route, its target, the body, and the statuses for an owner, a user-admin, a reader of all users, a member, and a
/// request without a token (docs/api/roles-and-permissions.md#outcomes-by-caller,
/// docs/api/authentication.md#statuses-by-endpoint).
///
/// In a body, `{name}` is the username of the target and `{fresh}` a username that is not taken.
type Row = (&'static str, Target, &'static str, [u16; 5]);

const NAME_KEPT: &str = r#"{ "username": "{name}", "name": "Ada" }"#;
const NAME_CHANGED: &str = r#"{ "username": "{fresh}", "name": "" }"#;
const NEW_USER: &str = r#"{ "username": "{fresh}", "email": "{fresh}@example.com", "password": "SomeSecurePassword!",
    "organization_ids": ["00000000-0000-0000-0000-000000000000"] }"#;
const FIRST_USER: &str =
    r#"{ "username": "{fresh}", "email": "{fresh}@example.com", "password": "SomeSecurePassword!" }"#;
const CREDENTIALS: &str = r#"{ "email": "owner@example.com", "password": "SomeSecurePassword!" }"#;
const EMAIL_ALONE: &str = r#"{ "email": "owner@example.com" }"#;
const NO_PASSCODE: &str = r#"{ "email": "owner@example.com", "password": "AnotherSecurePassword!",
    "one_time_passcode": "00000000-0000-4000-8000-000000000000" }"#;
const PASSWORD_ALONE: &str = r#"{ "password": "AnotherSecurePassword!" }"#;
const CONVERSION: &str = r#"{ "to_type": "oidc", "password": "SomeSecurePassword!" }"#;
const EMAIL_FORM: &str = "email=owner%40example.com";
const SIGN_IN_FORM: &str = "email=owner%40example.com&password=SomeSecurePassword%21";
const CHANGE_FORM: &str = "email=owner%40example.com&otp=00000000-0000-4000-8000-000000000000\
    &password=AnotherSecurePassword%21&again=AnotherSecurePassword%21";
const APPEARANCE: &str = r#"{ "theme_preference": "dark", "terminal_font": "fira-code" }"#;
const NO_ROLES: &str = r#"{ "roles": [] }"#;
const AUDITOR: &str = r#"{ "roles": ["auditor"] }"#;
const MEMBER: &str = r#"{ "roles": ["member"] }"#;
const ORGANIZATION_AUDITOR: &str = r#"{ "roles": ["organization-auditor"] }"#;

#[rustfmt::skip]
const TABLE: &[Row] = &[
    // Route                                                                                                   owner, user-admin, readers, member, no token
    ("$default",                                                            NoTarget,     "",                   [404, 404, 404, 404, 404]),
    ("GET /api/v2",                                                         NoTarget,     "",                   [200, 200, 200, 200, 200]),
    ("GET /api/v2/appearance",                                              NoTarget,     "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/deployment/config",                                       NoTarget,     "",                   [200, 403, 200, 403, 401]),
    ("GET /api/v2/deployment/ssh",                                          NoTarget,     "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/entitlements",                                            NoTarget,     "",                   [200, 200, 200, 200, 200]),
    ("GET /api/v2/experiments",                                             NoTarget,     "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/experiments/available",                                   NoTarget,     "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/licenses",                                                NoTarget,     "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/regions",                                                 NoTarget,     "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/updatecheck",                                             NoTarget,     "",                   [200, 200, 200, 200, 200]),
    ("GET /api/v2/buildinfo",                                               NoTarget,     "",                   [200, 200, 200, 200, 200]),
    ("GET /api/v2/auth/scopes",                                             NoTarget,     "",                   [200, 200, 200, 200, 200]),

    ("GET /api/v2/users/first",                                             NoTarget,     "",                   [200, 200, 200, 200, 200]),
    ("POST /api/v2/users/first",                                            NoTarget,     FIRST_USER,           [409, 409, 409, 409, 409]),
    ("POST /api/v2/users/login",                                            NoTarget,     CREDENTIALS,          [201, 201, 201, 201, 201]),
    ("POST /api/v2/users/logout",                                           NoTarget,     "",                   [200, 200, 200, 200, 401]),
    ("POST /api/v2/users/otp/request",                                      NoTarget,     EMAIL_ALONE,          [204, 204, 204, 204, 204]),
    ("POST /api/v2/users/otp/change-password",                              NoTarget,     NO_PASSCODE,          [400, 400, 400, 400, 400]),
    ("POST /api/v2/users/validate-password",                                NoTarget,     PASSWORD_ALONE,       [200, 200, 200, 200, 200]),
    ("GET /api/v2/users/authmethods",                                       NoTarget,     "",                   [200, 200, 200, 200, 200]),

    ("GET /cli-auth",                                                       NoTarget,     "",                   [200, 200, 200, 200, 200]),
    ("POST /cli-auth",                                                      NoTarget,     SIGN_IN_FORM,         [200, 200, 200, 200, 200]),
    ("GET /reset-password",                                                 NoTarget,     "",                   [200, 200, 200, 200, 200]),
    ("POST /reset-password",                                                NoTarget,     EMAIL_FORM,           [200, 200, 200, 200, 200]),
    ("GET /reset-password/change",                                          NoTarget,     "",                   [200, 200, 200, 200, 200]),
    ("POST /reset-password/change",                                         NoTarget,     CHANGE_FORM,          [400, 400, 400, 400, 400]),

    ("GET /api/v2/insights/user-status-counts",                             NoTarget,     "",                   [200, 200, 200, 403, 401]),
    ("GET /api/v2/users/oauth2/github/callback",                            NoTarget,     "",                   [400, 400, 400, 400, 400]),
    ("GET /api/v2/users/oauth2/github/device",                              NoTarget,     "",                   [400, 400, 400, 400, 400]),
    ("GET /api/v2/users/oidc/callback",                                     NoTarget,     "",                   [400, 400, 400, 400, 400]),
    ("GET /api/v2/users/oidc-claims",                                       NoTarget,     "",                   [400, 400, 400, 400, 401]),
    ("POST /api/v2/users/{user}/convert-login",                             AnotherUser,  CONVERSION,           [201, 201, 201, 404, 401]),
    ("POST /api/v2/users/{user}/convert-login",                             SelfTarget,   CONVERSION,           [201, 201, 201, 201, 401]),

    ("GET /api/v2/users",                                                   NoTarget,     "",                   [200, 200, 200, 200, 401]),
    ("POST /api/v2/users",                                                  NoTarget,     NEW_USER,             [201, 201, 403, 403, 401]),
    ("GET /api/v2/users/roles",                                             NoTarget,     "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/login",                                             ReservedName, "",                   [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/logout",                                            ReservedName, "",                   [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/validate-password",                                 ReservedName, "",                   [200, 200, 200, 404, 401]),
    ("DELETE /api/v2/users/first",                                          ReservedName, "",                   [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/login",                                          ReservedName, "",                   [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/logout",                                         ReservedName, "",                   [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/validate-password",                              ReservedName, "",                   [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/authmethods",                                    ReservedName, "",                   [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/oidc-claims",                                    ReservedName, "",                   [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}",                                            AnotherUser,  "",                   [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}",                                            SelfTarget,   "",                   [200, 200, 200, 200, 401]),
    ("DELETE /api/v2/users/{user}",                                         AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/{user}",                                         AnotherOwner, "",                   [200, 200, 403, 404, 401]),
    ("DELETE /api/v2/users/{user}",                                         SelfTarget,   "",                   [403, 403, 403, 403, 401]),
    ("GET /api/v2/users/{user}/login-type",                                 AnotherUser,  "",                   [403, 403, 403, 404, 401]),
    ("GET /api/v2/users/{user}/login-type",                                 SelfTarget,   "",                   [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/profile",                                    AnotherUser,  NAME_KEPT,            [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/profile",                                    AnotherUser,  NAME_CHANGED,         [200, 200, 404, 404, 401]),
    ("PUT /api/v2/users/{user}/profile",                                    SelfTarget,   NAME_KEPT,            [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/profile",                                    SelfTarget,   NAME_CHANGED,         [200, 200, 404, 404, 401]),
    ("GET /api/v2/users/{user}/roles",                                      AnotherUser,  "",                   [200, 200, 404, 404, 401]),
    ("GET /api/v2/users/{user}/roles",                                      SelfTarget,   "",                   [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/roles",                                      AnotherUser,  NO_ROLES,             [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                                      AnotherUser,  MEMBER,               [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                                      AnotherUser,  AUDITOR,              [200, 400, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                                      AnotherOwner, NO_ROLES,             [200, 400, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/roles",                                      SelfTarget,   NO_ROLES,             [400, 400, 400, 400, 401]),
    ("PUT /api/v2/users/{user}/status/suspend",                             AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/status/suspend",                             AnotherOwner, "",                   [400, 400, 400, 404, 401]),
    ("PUT /api/v2/users/{user}/status/suspend",                             SelfTarget,   "",                   [400, 400, 400, 400, 401]),
    ("PUT /api/v2/users/{user}/status/activate",                            AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/status/activate",                            SelfTarget,   "",                   [200, 200, 403, 403, 401]),
    ("PUT /api/v2/users/{user}/password",                                   AnotherUser,  PASSWORD_ALONE,       [204, 204, 404, 404, 401]),
    ("PUT /api/v2/users/{user}/password",                                   AnotherOwner, PASSWORD_ALONE,       [204, 400, 404, 404, 401]),
    ("PUT /api/v2/users/{user}/password",                                   SelfTarget,   PASSWORD_ALONE,       [400, 400, 400, 400, 401]),

    ("POST /api/v2/users/{user}/keys",                                      AnotherUser,  "",                   [201, 403, 403, 404, 401]),
    ("POST /api/v2/users/{user}/keys",                                      SelfTarget,   "",                   [201, 201, 201, 201, 401]),
    ("GET /api/v2/users/{user}/keys/tokens",                                AnotherUser,  "",                   [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}/keys/tokens",                                SelfTarget,   "",                   [200, 200, 200, 200, 401]),
    ("POST /api/v2/users/{user}/keys/tokens",                               AnotherUser,  "{}",                 [201, 403, 403, 404, 401]),
    ("POST /api/v2/users/{user}/keys/tokens",                               SelfTarget,   "{}",                 [201, 201, 201, 201, 401]),
    ("GET /api/v2/users/{user}/keys/tokens/tokenconfig",                    AnotherUser,  "",                   [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}/keys/tokens/tokenconfig",                    SelfTarget,   "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/keys/tokens/{keyname}",                      AnotherUser,  "",                   [200, 404, 404, 404, 401]),
    ("GET /api/v2/users/{user}/keys/tokens/{keyname}",                      SelfTarget,   "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/keys/{keyid}",                               AnotherUser,  "",                   [200, 404, 404, 404, 401]),
    ("GET /api/v2/users/{user}/keys/{keyid}",                               SelfTarget,   "",                   [200, 200, 200, 200, 401]),
    ("DELETE /api/v2/users/{user}/keys/{keyid}",                            AnotherUser,  "",                   [204, 404, 404, 404, 401]),
    ("DELETE /api/v2/users/{user}/keys/{keyid}",                            SelfTarget,   "",                   [204, 204, 204, 204, 401]),
    ("PUT /api/v2/users/{user}/keys/{keyid}/expire",                        AnotherUser,  "",                   [204, 404, 404, 404, 401]),
    ("PUT /api/v2/users/{user}/keys/{keyid}/expire",                        SelfTarget,   "",                   [204, 204, 204, 204, 401]),

    ("GET /api/v2/users/{user}/appearance",                                 AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}/appearance",                                 SelfTarget,   "",                   [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/appearance",                                 AnotherUser,  APPEARANCE,           [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/appearance",                                 SelfTarget,   APPEARANCE,           [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/preferences",                                AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}/preferences",                                SelfTarget,   "",                   [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/preferences",                                AnotherUser,  "{}",                 [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/preferences",                                SelfTarget,   "{}",                 [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/autofill-parameters",                        AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}/autofill-parameters",                        SelfTarget,   "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/gitsshkey",                                  AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("GET /api/v2/users/{user}/gitsshkey",                                  SelfTarget,   "",                   [200, 200, 200, 200, 401]),
    ("PUT /api/v2/users/{user}/gitsshkey",                                  AnotherUser,  "",                   [200, 200, 403, 404, 401]),
    ("PUT /api/v2/users/{user}/gitsshkey",                                  SelfTarget,   "",                   [200, 200, 200, 200, 401]),

    ("GET /api/v2/organizations",                                           NoTarget,     "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/organizations/{organization}",                            NoTarget,     "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/organizations/{organization}/settings/workspace-sharing", NoTarget,     "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/organizations",                              AnotherUser,  "",                   [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}/organizations",                              SelfTarget,   "",                   [200, 200, 200, 200, 401]),
    ("GET /api/v2/users/{user}/organizations/{organizationname}",           AnotherUser,  "",                   [200, 200, 200, 404, 401]),
    ("GET /api/v2/users/{user}/organizations/{organizationname}",           SelfTarget,   "",                   [200, 200, 200, 200, 401]),
    ("PUT /api/v2/organizations/{organization}/members/{user}/roles",       AnotherUser,  NO_ROLES,             [200, 200, 403, 403, 401]),
    ("PUT /api/v2/organizations/{organization}/members/{user}/roles",       AnotherUser,  ORGANIZATION_AUDITOR, [200, 400, 403, 403, 401]),
    ("PUT /api/v2/organizations/{organization}/members/{user}/roles",       SelfTarget,   NO_ROLES,             [400, 400, 400, 400, 401]),
    ("DELETE /api/v2/organizations/{organization}/members/{user}",          AnotherUser,  "",                   [204, 204, 404, 404, 401]),
    ("DELETE /api/v2/organizations/{organization}/members/{user}",          SelfTarget,   "",                   [400, 400, 400, 400, 401]),
];

/// The roles whose status differs from that of their column.
const EXCEPTIONS: &[(&str, &str, u16)] = &[("GET /api/v2/deployment/config", "template-admin", 403)];

/// A deployment with a user of every role.
struct Cast {
    /// Keeps the database alive.
    app: TestApp,
    owner: Actor,
    /// The callers of each column of the table.
    columns: [Vec<Caller>; 5],
    /// The target of requests that change nothing.
    bystander: Subject,
    /// The number of usernames in use.
    names: u32,
}

/// A user who sends requests.
#[derive(Clone)]
struct Caller {
    role: &'static str,
    actor: Actor,
    /// The id of the token named `ci`.
    key: String,
}

/// The target of a request: the username, and the id of a key.
#[derive(Clone, Default)]
struct Subject {
    name: String,
    key: String,
}

impl Cast {
    async fn assemble() -> Self {
        let (app, owner) = TestApp::with_owner().await;
        let columns = [
            vec![Caller::new("owner", owner.clone()).await],
            vec![Caller::with_role(&app, &owner, "user-admin").await],
            vec![
                Caller::with_role(&app, &owner, "auditor").await,
                Caller::with_role(&app, &owner, "template-admin").await,
            ],
            vec![Caller::new("member", app.user_with_roles(&owner, "member", &[]).await).await],
            vec![Caller { role: "anonymous", actor: app.anonymous(), key: String::new() }],
        ];
        let mut cast = Self { app, owner, columns, bystander: Subject::default(), names: 0 };
        cast.bystander = cast.fresh_user(&[]).await;
        cast
    }

    fn fresh_name(&mut self) -> String {
        self.names += 1;
        format!("user-{}", self.names)
    }

    async fn fresh_user(&mut self, roles: &[&str]) -> Subject {
        let name = self.fresh_name();
        let mut user = TestApp::new_user(&name);
        user["roles"] = json!(roles);
        self.owner.post("/users", user).await.expect_status(201);
        let key = self.owner.create_token_for(&name, json!({ "token_name": "ci" })).await.key_id().to_owned();
        Subject { name, key }
    }

    /// The caller and the target. Requests that only read share a target.
    async fn stage(&mut self, row: &Row, caller: &Caller) -> (Actor, Subject) {
        let (route, target, body, _) = *row;
        let actor = caller.actor.clone();
        let is_refused = matches!(caller.role, "anonymous" | "suspended");
        let reads = route.starts_with("GET ") || route == "$default";
        match target {
            _ if is_refused => (actor, self.bystander.clone()),
            NoTarget | SelfTarget if reads => (actor, Subject { key: caller.key.clone(), ..Subject::default() }),
            NoTarget | SelfTarget => {
                let name = match body {
                    NAME_KEPT => actor.get("/users/me").await.expect_status(200).text_at("/username"),
                    _ => String::new(),
                };
                // Some requests revoke the key that they come with.
                let actor = actor.create_token(json!({})).await;
                let key = actor.key_id().to_owned();
                (actor, Subject { name, key })
            }
            AnotherUser if reads => (actor, self.bystander.clone()),
            AnotherUser => (actor, self.fresh_user(&[]).await),
            AnotherOwner => (actor, self.fresh_user(&["owner"]).await),
            ReservedName => {
                let name = route.rsplit('/').next().unwrap_or_default().to_owned();
                let created = self.owner.post("/users", TestApp::new_user(&name)).await;
                // The user of an earlier row may still exist.
                assert!(created.status == 201 || created.status == 409, "{}", created.text);
                (actor, Subject { name, ..Subject::default() })
            }
        }
    }

    async fn status(&mut self, row: &Row, caller: &Caller) -> u16 {
        let (route, target, body, _) = *row;
        let (actor, subject) = self.stage(row, caller).await;
        let (method, path) = route.split_once(' ').unwrap_or(("GET", "/api/v2/unknown"));
        let path = path.replace("{user}", if target == SelfTarget { "me" } else { &subject.name });
        let path = path.replace("{keyname}", "ci").replace("{keyid}", &subject.key);
        let mut path = path.replace("{organization}", "default").replace("{organizationname}", "coder");
        if path.ends_with("/autofill-parameters") {
            path.push_str("?template_id=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f");
        }
        let body = body.replace("{name}", &subject.name).replace("{fresh}", &self.fresh_name());
        let method: Method = method.parse().expect("the method is one");
        let headers: &[_] = if path.starts_with("/api/") { &[] } else { &[FORM] };
        actor.send(method, &path, headers, body).await.status.as_u16()
    }
}

impl Caller {
    async fn new(role: &'static str, actor: Actor) -> Self {
        let key = actor.create_token(json!({ "token_name": "ci" })).await.key_id().to_owned();
        Self { role, actor, key }
    }

    async fn with_role(app: &TestApp, owner: &Actor, role: &'static str) -> Self {
        Self::new(role, app.user_with_roles(owner, role, &[role]).await).await
    }
}

#[tokio::test]
async fn every_route_answers_every_role_as_the_table_says() {
    let mut cast = Cast::assemble().await;
    let mut wrong = Vec::new();
    for row in TABLE {
        for (callers, expected) in cast.columns.clone().iter().zip(row.3) {
            for caller in callers {
                let status = cast.status(row, caller).await;
                let exception = EXCEPTIONS.iter().find(|(route, role, _)| *route == row.0 && *role == caller.role);
                let expected = exception.map_or(expected, |(_, _, status)| *status);
                if status != expected {
                    let (route, target, body, _) = row;
                    let role = caller.role;
                    wrong.push(format!("{route} {body} target {target:?} by {role}: {status}, not {expected}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_route_that_requires_a_token_refuses_a_suspended_user() {
    let mut cast = Cast::assemble().await;
    let lapsed = cast.app.user_with_roles(&cast.owner, "lapsed", &["user-admin"]).await;
    let suspended = Caller::new("suspended", lapsed).await;
    cast.owner.call(Method::PUT, "/users/lapsed/status/suspend", None).await.expect_status(200);
    let mut refusing = 0;
    for row in TABLE.iter().filter(|row| row.3[4] == 401) {
        assert_eq!(cast.status(row, &suspended).await, 401, "{} {}", row.0, row.2);
        refusing += 1;
    }
    assert!(refusing > 40, "few routes require a token: {refusing}");
}

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let routes: BTreeSet<String> =
        gateway_routes().iter().map(GatewayRoute::key).chain(["$default".to_owned()]).collect();
    let named: BTreeSet<String> = TABLE.iter().map(|row| row.0.to_owned()).collect();
    assert_eq!(named, routes);
}

#[test]
fn every_route_of_a_user_has_a_row_for_another_user_and_one_for_the_caller() {
    for row in TABLE.iter().filter(|row| row.0.contains("{user}")) {
        let targets: BTreeSet<bool> =
            TABLE.iter().filter(|other| other.0 == row.0).map(|other| other.1 == SelfTarget).collect();
        assert_eq!(targets.len(), 2, "{}", row.0);
    }
}
